//! A page around what it says, and the pages that only say something.

use super::{
    leave::{self, Outcome},
    notice::{Field, Notice},
    text::{State, Text, texts},
};
use crate::{
    domain::{
        checkout::SessionStatus,
        order::OrderStatus,
        settings::Business,
        words::{Locale, money},
    },
    engine::checkout_page::PageView,
    http::docs::html::escape,
};

/// Seconds after which a page that waits for a payment looks again.
const LOOK_AGAIN: u32 = 2;

/// What a page has to tell beside what it shows.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// What just happened.
    pub(super) notice: Option<Notice>,
    /// Fields that are wrong.
    pub(super) wrong: Vec<Field>,
    /// The code that was typed and does not apply.
    pub(super) typed_code: Option<String>,
    /// Whether the payer has just changed the cart, and is past an earlier
    /// decline.
    pub(super) chose: bool,
    /// Whether nothing is kept for the payer yet, because the browser did not
    /// say that a person opens the page.
    pub(super) unopened: bool,
    /// Whether the payer has just paid, or tried to, and is on the way out.
    pub(super) leaving: bool,
}

impl Told {
    /// Whether a field is wrong, or what happened is about it.
    pub(super) fn is_about(&self, field: Field) -> bool {
        self.wrong.contains(&field) || self.notice.and_then(Notice::field) == Some(field)
    }
}

/// What a page lets somebody do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Choose and pay.
    Pay,
    /// Wait.
    Charging,
    /// Nothing: it is paid.
    Paid,
    /// Nothing: its time is over.
    Expired,
    /// Nothing: it was called off.
    Canceled,
    /// Nothing: there is no gateway.
    Unpayable,
}

/// Where a page stands.
pub(super) fn stage(view: &PageView) -> Stage {
    match (view.order_status, view.status) {
        (OrderStatus::Paid | OrderStatus::PartiallyRefunded | OrderStatus::Refunded, _) => Stage::Paid,
        (OrderStatus::Canceled, _) => Stage::Canceled,
        (OrderStatus::Open, SessionStatus::Open) if view.charging => Stage::Charging,
        (OrderStatus::Open, SessionStatus::Open) if view.over => Stage::Expired,
        (OrderStatus::Open, SessionStatus::Open) if view.gateway.is_none() && super::pay::asks_card(view) => {
            Stage::Unpayable
        }
        (OrderStatus::Open, SessionStatus::Open) => Stage::Pay,
        // Its money was taken back by a dispute, or it was paid in another way.
        (OrderStatus::Open, SessionStatus::Complete) if view.charging => Stage::Charging,
        (OrderStatus::Open, SessionStatus::Complete) => Stage::Unpayable,
        (OrderStatus::Open, SessionStatus::Expired) | (OrderStatus::Expired | OrderStatus::Failed, _) => Stage::Expired,
    }
}

/// A page.
struct Page<'a> {
    text: &'static Text,
    title: &'a str,
    view: Option<&'a PageView>,
    /// Seconds, and an address that was checked.
    refresh: Option<(u32, &'a str)>,
    main: String,
}

/// The page of a session.
pub(super) fn session(view: &PageView, told: &Told) -> String {
    let text = texts(view.locale);
    let state = match stage(view) {
        Stage::Pay if told.leaving && failed(view, told).is_some() => &text.failed,
        Stage::Pay => {
            let main = super::cart::section(view, told) + &super::pay::section(view, told);
            let main = super::pay::notice(view, told, super::pay::Place::Top) + &main;
            return Page::of(view, text.checkout, main).html();
        }
        Stage::Charging => &text.charging,
        Stage::Paid => &text.paid,
        Stage::Expired => &text.expired,
        Stage::Canceled => &text.canceled,
        Stage::Unpayable => &text.unpayable,
    };
    let target = match stage(view) {
        Stage::Pay => failed(view, told),
        Stage::Paid => leave::address(view, Outcome::Success),
        Stage::Charging => None,
        _ => leave::address(view, Outcome::Cancel),
    };
    let charging = stage(view) == Stage::Charging;
    let refresh = match (&target, charging) {
        (_, true) => Some((LOOK_AGAIN, "?wait")),
        (Some(target), _) if told.leaving => Some((0, target.as_str())),
        _ => None,
    };
    let link = match (&target, charging) {
        (_, true) => button_link("?wait", text.again),
        (Some(target), _) => button_link(target, text.back),
        _ => String::new(),
    };
    let facts = facts(view, text);
    let main = say(state, charging, &format!("{facts}{link}"));
    let page = Page {
        refresh,
        ..Page::of(view, state.title, main)
    };
    page.html()
}

/// Where a payment that failed leads.
fn failed(view: &PageView, told: &Told) -> Option<String> {
    let declined = matches!(told.notice, Some(Notice::Declined(_))) || view.declined.is_some();
    leave::address(view, Outcome::Error).filter(|_| declined)
}

/// A page without a session.
pub(super) fn plain(locale: Locale, state: fn(&'static Text) -> &'static State) -> String {
    let text = texts(locale);
    let state = state(text);
    let page = Page {
        text,
        title: state.title,
        view: None,
        refresh: None,
        main: say(state, false, ""),
    };
    page.html()
}

fn say(state: &State, busy: bool, rest: &str) -> String {
    let (title, text) = (state.title, state.text);
    let spinner = if busy {
        r#"<div class="spinner" aria-hidden="true"></div>"#
    } else {
        ""
    };
    format!(
        r#"<section class="said" role="status">{spinner}<h1>{title}</h1><p>{text}</p>{rest}</section>
"#
    )
}

fn button_link(target: &str, text: &str) -> String {
    format!(
        r#"<p class="act"><a class="button" href="{}">{text}</a></p>"#,
        escape(target)
    )
}

fn facts(view: &PageView, text: &Text) -> String {
    let total = money(view.preview.total.max(0), view.preview.currency, view.locale);
    format!(
        r#"<dl class="facts"><div><dt>{}</dt><dd>{}</dd></div><div><dt>{}</dt><dd>{}</dd></div></dl>"#,
        text.order_number,
        view.order_number,
        text.total,
        escape(&total)
    )
}

impl<'a> Page<'a> {
    fn of(view: &'a PageView, title: &'a str, main: String) -> Self {
        Self {
            text: texts(view.locale),
            title,
            view: Some(view),
            refresh: None,
            main,
        }
    }

    fn html(self) -> String {
        let Self {
            text,
            title,
            view,
            refresh,
            main,
        } = self;
        let seller = view.and_then(|view| view.business.name.as_deref());
        let title = match seller {
            Some(seller) => format!("{title} · {}", escape(seller)),
            None => title.to_owned(),
        };
        let refresh = refresh.map_or_else(String::new, |(seconds, target)| {
            let target = escape(target);
            format!(r#"<meta http-equiv="refresh" content="{seconds};url={target}">"#)
        });
        let accent = view
            .and_then(|view| view.branding.color.as_deref())
            .and_then(super::style::accent_name);
        let accent = accent.map_or_else(String::new, |name| {
            format!(r#"<link rel="stylesheet" href="assets/{name}">"#)
        });
        let icon = view.and_then(|view| image(view.branding.icon_url.as_deref()));
        let icon = icon.map_or_else(|| "assets/icon.svg".to_owned(), escape);
        let test = view.filter(|view| view.test_mode).map_or_else(String::new, |_| {
            format!(
                r#"<p class="test" role="note"><strong>{}</strong> {}</p>"#,
                text.test, text.test_hint
            )
        });
        let head = view.map_or_else(String::new, |view| seller_head(view, text));
        let foot = view.map_or_else(String::new, |view| footer(&view.business, text));
        let lang = text.lang;
        format!(
            r##"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no">
{refresh}<title>{title}</title>
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="assets/checkout.css">
{accent}<script src="assets/checkout.js" defer></script>
</head>
<body>
{test}
{head}<main id="content">
{main}</main>
{foot}</body>
</html>
"##
        )
    }
}

/// The address of a picture, if a browser may be sent there.
pub(super) fn image(address: Option<&str>) -> Option<&str> {
    address.and_then(leave::opened)
}

fn seller_head(view: &PageView, text: &Text) -> String {
    let name = view.business.name.as_deref().unwrap_or(text.checkout);
    let shown = match image(view.branding.logo_url.as_deref()) {
        Some(logo) => format!(r#"<img class="logo" src="{}" alt="{}">"#, escape(logo), escape(name)),
        None => format!("<span>{}</span>", escape(name)),
    };
    format!("<header class=\"seller\">{shown}</header>\n")
}

fn footer(business: &Business, text: &Text) -> String {
    let named = |label: &str, value: &Option<String>| {
        value
            .as_deref()
            .map(|value| format!("<span>{label} {}</span>", escape(value)))
    };
    let bare = |value: &Option<String>| value.as_deref().map(|value| format!("<span>{}</span>", escape(value)));
    let address = business.address.as_ref().map(|address| {
        let parts = [
            &address.postal_code,
            &address.state,
            &address.city,
            &address.line1,
            &address.line2,
        ];
        let parts: Vec<String> = parts.into_iter().flatten().map(|part| escape(part)).collect();
        format!("<span>{}</span>", parts.join(" "))
    });
    let facts = [
        bare(&business.name),
        named(text.representative, &business.representative),
        named(text.business_number, &business.business_number),
        named(text.mail_order_number, &business.mail_order_number),
        named(text.phone, &business.phone),
        bare(&business.email),
        address,
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let links: Vec<String> = [(&business.terms_url, text.terms), (&business.privacy_url, text.privacy)]
        .into_iter()
        .filter_map(|(url, label)| {
            let url = url.as_deref().and_then(leave::opened)?;
            Some(format!(
                r#"<a href="{}" target="_blank" rel="noopener noreferrer">{label}</a>"#,
                escape(url)
            ))
        })
        .collect();
    if facts.is_empty() && links.is_empty() {
        return String::new();
    }
    format!(
        "<footer><p>{}</p><p class=\"facts-of-seller\">{}</p></footer>\n",
        links.join(" "),
        facts.join(" ")
    )
}
