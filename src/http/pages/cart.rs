//! What is bought, what it comes to, and what may be changed about it.

use super::{
    notice::Field,
    render::{Told, image},
    text::{self, Text, texts},
};
use crate::{
    domain::{
        catalog::coupon::MAX_CODE_CHARACTERS,
        words::{self, Locale},
    },
    engine::checkout_page::{PageItem, PageView},
    http::docs::html::escape,
    ops::preview::{InvalidDiscount, Line},
};

/// Lines that are shown beside the thing that they are for.
const OF_ITEMS: [&str; 4] = ["price", "usage", "setup_fee", "adjustment"];

/// The left half of a page, on a wide screen.
pub(super) fn section(view: &PageView, told: &Told) -> String {
    let text = texts(view.locale);
    let money = |amount: i64| escape(&words::money(amount, view.preview.currency, view.locale));
    let (items, rest) = items(view, told, text);
    let form = match view.items.is_empty() {
        // A further charge of a subscription: there is nothing to choose.
        true => format!(r#"<ul class="items">{items}</ul>"#),
        false => form(view, told, text, &items),
    };
    let rows: String = rest
        .iter()
        .map(|line| row(&line.reason.text, &money(line.amount)))
        .collect();
    let subtotal = match view.preview.subtotal != view.preview.total {
        true => row(text.subtotal, &money(view.preview.subtotal)),
        false => String::new(),
    };
    let contained = match view.preview.tax_inclusive && view.preview.tax > 0 {
        true => format!(
            r#"<div class="quiet"><dt>{}</dt><dd>{}</dd></div>"#,
            text.tax_included,
            money(view.preview.tax)
        ),
        false => String::new(),
    };
    let label = if view.recurring { text.total_now } else { text.total };
    let total = money(view.preview.total.max(0));
    let next = next(view);
    format!(
        r#"<section id="cart" aria-labelledby="cart-title"><h1 id="cart-title">{}</h1>
{form}
<dl class="totals" aria-live="polite">{subtotal}{rows}<div class="total"><dt>{label}</dt><dd id="total">{total}</dd></div>{contained}</dl>
{next}</section>
"#,
        text.order
    )
}

fn row(label: &str, amount: &str) -> String {
    format!("<div><dt>{}</dt><dd>{amount}</dd></div>", escape(label))
}

/// The things, each with its lines, and the lines that are nobody's.
fn items<'v>(view: &'v PageView, told: &Told, text: &Text) -> (String, Vec<&'v Line>) {
    let is_alone = |item: &PageItem| {
        view.items
            .iter()
            .filter(|other| other.price_id == item.price_id)
            .count()
            == 1
    };
    let of = |item: &PageItem, line: &Line| {
        line.price_id.as_ref() == Some(&item.price_id) && OF_ITEMS.contains(&line.kind.0) && is_alone(item)
    };
    let shown: String = view
        .items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let lines: Vec<&Line> = view.preview.lines.iter().filter(|line| of(item, line)).collect();
            self::item(view, told, text, index, item, &lines)
        })
        .collect();
    let is_left = |line: &&Line| !view.items.iter().any(|item| of(item, line));
    (shown, view.preview.lines.iter().filter(is_left).collect())
}

fn item(view: &PageView, told: &Told, text: &Text, index: usize, item: &PageItem, lines: &[&Line]) -> String {
    let picture = match image(item.image.as_deref()) {
        Some(address) => format!(
            r#"<img src="{}" alt="" width="56" height="56" loading="lazy">"#,
            escape(address)
        ),
        None => String::new(),
    };
    // A line begins with the price's name.
    let plan = match item.name == item.product || !lines.is_empty() {
        true => String::new(),
        false => format!(r#"<span class="plan">{}</span>"#, escape(&item.name)),
    };
    let options: String = item
        .options
        .iter()
        .map(|(option, value)| format!(r#"<span class="quiet">{}: {}</span>"#, escape(option), escape(value)))
        .collect();
    let rows: String = lines
        .iter()
        .map(|line| {
            let amount = words::money(line.amount, view.preview.currency, view.locale);
            format!(
                r#"<div class="line"><span>{}</span><span>{}</span></div>"#,
                escape(&line.reason.text),
                escape(&amount)
            )
        })
        .collect();
    let quantity = quantity(view, told, text, index, item);
    format!(
        r#"<li>{picture}<div class="thing"><strong>{}</strong>{plan}{options}{rows}{quantity}</div></li>"#,
        escape(&item.product)
    )
}

fn quantity(view: &PageView, told: &Told, text: &Text, index: usize, item: &PageItem) -> String {
    let PageItem {
        price_id,
        product,
        quantity,
        minimum,
        maximum,
        ..
    } = item;
    if *maximum == Some(*minimum) {
        return match quantity {
            1 => String::new(),
            _ => format!(r#"<span class="quiet">{} {quantity}</span>"#, text.quantity),
        };
    }
    let range = text::range(*minimum, *maximum, view.locale);
    let hint = range.as_deref().map_or_else(String::new, |range| {
        format!(r#"<span class="quiet" id="quantity-{index}-hint">{range}</span>"#)
    });
    let is_wrong = told.is_about(Field::Quantity(index));
    let error = match is_wrong {
        true => error(
            &format!("quantity-{index}"),
            text::wrong(Field::Quantity(index), view.locale),
        ),
        false => String::new(),
    };
    let described = [(is_wrong, "error"), (range.is_some(), "hint")];
    let described: Vec<String> = described
        .into_iter()
        .filter(|(is_there, _)| *is_there)
        .map(|(_, what)| format!("quantity-{index}-{what}"))
        .collect();
    let state = state(is_wrong, &described);
    let most = maximum.map_or_else(String::new, |most| format!(r#" max="{most}""#));
    format!(
        r#"<div class="quantity"><label for="quantity-{index}">{}<span class="unseen"> {}</span></label><input id="quantity-{index}" name="quantity.{}" type="number" inputmode="numeric" min="{minimum}"{most} step="1" value="{quantity}" required autocomplete="off"{state}>{hint}{error}</div>"#,
        text.quantity,
        escape(product),
        escape(price_id.as_str())
    )
}

/// What stands at an input that is wrong, or is described by something: one
/// that is wrong is where one begins to write.
pub(super) fn state(is_wrong: bool, described_by: &[String]) -> String {
    let described = match described_by.is_empty() {
        true => String::new(),
        false => format!(r#" aria-describedby="{}""#, described_by.join(" ")),
    };
    let wrong = if is_wrong {
        r#" aria-invalid="true" autofocus"#
    } else {
        ""
    };
    described + wrong
}

/// What is wrong with an input.
pub(super) fn error(id: &str, text: &str) -> String {
    format!(r#"<span class="error" id="{id}-error">{}</span>"#, escape(text))
}

fn form(view: &PageView, told: &Told, text: &Text, items: &str) -> String {
    let codes: String = view.preview.discounts.iter().map(|applied| {
        let code = escape(&applied.code);
        let off = escape(&words::money(-applied.amount, view.preview.currency, view.locale));
        format!(
            r#"<li><input type="hidden" name="codes" value="{code}"><span>{code}</span> <span class="quiet">{off}</span> <button type="submit" class="link" name="remove" value="{code}">{}<span class="unseen"> {code}</span></button></li>"#,
            text.remove
        )
    }).collect();
    let codes = match codes.is_empty() {
        true => String::new(),
        false => format!(r#"<ul class="codes">{codes}</ul>"#),
    };
    let invalid: Vec<&InvalidDiscount> = view.preview.invalid_discounts.iter().collect();
    let is_wrong = !invalid.is_empty() || told.is_about(Field::Code);
    let mut errors: Vec<String> = invalid
        .iter()
        .map(|one| {
            let why = match view.locale {
                Locale::En => &one.message.en,
                Locale::Ko => &one.message.ko,
            };
            format!("{}: {why}", one.code)
        })
        .collect();
    if is_wrong && errors.is_empty() {
        errors.push(text::wrong(Field::Code, view.locale).to_owned());
    }
    let error = match is_wrong {
        true => error("code", &errors.join(" ")),
        false => String::new(),
    };
    let typed = escape(told.typed_code.as_deref().unwrap_or_default());
    let state = match is_wrong {
        true => state(true, &["code-error".to_owned()]),
        false => String::new(),
    };
    // Enter presses the first button of a form, wherever it stands: it must not take a code away.
    format!(
        r#"<form id="cart-form" method="post" action="?">
<button type="submit" class="unseen" tabindex="-1" aria-hidden="true">{update}</button>
<input type="hidden" name="step" value="update">
<ul class="items">{items}</ul>
{codes}<div class="field"><label for="code">{label}</label><div class="beside"><input id="code" name="code" value="{typed}" maxlength="{MAX_CODE_CHARACTERS}" autocomplete="off" autocapitalize="characters" spellcheck="false"{state}><button type="submit" class="second">{apply}</button></div>{error}</div>
</form>"#,
        update = text.update,
        label = text.code,
        apply = text.apply,
    )
}

/// What comes later.
fn next(view: &PageView) -> String {
    let locale = view.locale;
    let mut sentences = Vec::new();
    if let Some(end) = view.trial_end {
        sentences.push(text::free_until(&words::day(end, view.zone, locale), locale));
    }
    if let Some(coming) = view.preview.upcoming.first() {
        let amount = words::money(coming.total, coming.currency, locale);
        let day = words::day(coming.at, view.zone, locale);
        let mut intervals = view.items.iter().filter_map(|item| item.interval);
        let first = intervals.next();
        let is_even = intervals.all(|other| Some(other) == first);
        // What a code takes off may be over some day.
        let is_plain = !coming.lines.iter().any(|line| line.kind.0 == "discount");
        sentences.push(match first {
            Some(interval) if is_even && is_plain => {
                text::then_every(&amount, &words::every(interval, locale), &day, locale)
            }
            _ => text::next_payment(&amount, &day, locale),
        });
    }
    if sentences.is_empty() {
        return String::new();
    }
    format!(r#"<p class="next">{}</p>"#, escape(&sentences.join(" ")))
}
