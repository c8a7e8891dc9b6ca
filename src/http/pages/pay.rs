//! The form that pays.

use super::{
    cart::{error, state},
    leave::{self, Outcome},
    notice::{Field, Notice},
    render::Told,
    text::{self, Text, texts},
};
use crate::{domain::words, engine::checkout_page::PageView, http::docs::html::escape};

/// Whether paying takes a card: there is something to pay, now or later.
pub(super) fn asks_card(view: &PageView) -> bool {
    let later = view.preview.upcoming.iter().any(|coming| coming.total > 0);
    view.preview.total > 0 || (view.recurring && later)
}

/// Where a notice stands: beside what it is about, so that it is seen on a
/// small screen too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Above everything.
    Top,
    /// Above the card.
    Payment,
}

/// What happened, if this is the place for it.
pub(super) fn notice(view: &PageView, told: &Told, place: Place) -> String {
    let Some(notice) = shown(view, told) else {
        return String::new();
    };
    let is_of_cart = |field: &Field| matches!(field, Field::Code | Field::Quantity(_));
    let is_at_payment = match notice {
        Notice::Declined(_) | Notice::Gateway => true,
        Notice::Fields => !told.wrong.is_empty() && !told.wrong.iter().any(is_of_cart),
        _ => false,
    };
    if is_at_payment != (place == Place::Payment) {
        return String::new();
    }
    // Where a field is to be corrected, that is where one begins.
    let has_field = !told.wrong.is_empty() || notice.field().is_some();
    let focus = if has_field { "" } else { " autofocus" };
    format!(
        r#"<div id="notice" class="notice" role="alert" tabindex="-1"{focus}>{}</div>
"#,
        text::told(notice, view.locale)
    )
}

/// The notice that counts: what just happened, what keeps it from being
/// bought, or how the latest attempt ended.
fn shown(view: &PageView, told: &Told) -> Option<Notice> {
    let problem = || {
        view.problem
            .as_ref()
            .map(|problem| Notice::of(problem).unwrap_or(Notice::Unsold))
    };
    let declined = || view.declined.as_ref().filter(|_| !told.chose).and_then(Notice::of);
    let wrong = || (!told.wrong.is_empty()).then_some(Notice::Fields);
    told.notice.or_else(problem).or_else(wrong).or_else(declined)
}

/// The right half of a page, on a wide screen.
pub(super) fn section(view: &PageView, told: &Told) -> String {
    let text = texts(view.locale);
    let email = view.email.as_deref().map_or_else(String::new, |email| {
        format!(
            r#"<dl class="facts"><div><dt>{}</dt><dd>{}</dd></div></dl>"#,
            text.email,
            escape(email)
        )
    });
    let form = match view.problem {
        Some(_) => String::new(),
        None => notice(view, told, Place::Payment) + &form(view, told, text),
    };
    let cancel = leave::address(view, Outcome::Cancel).map_or_else(String::new, |address| {
        format!(
            r#"<p class="leave"><a id="cancel" href="{}">{}</a></p>"#,
            escape(&address),
            text.cancel
        )
    });
    format!(
        r#"<section id="payment" aria-labelledby="payment-title"><h2 id="payment-title">{}</h2>
{email}{form}{cancel}</section>
"#,
        text.payment
    )
}

fn form(view: &PageView, told: &Told, text: &Text) -> String {
    let total = view.preview.total;
    let button = match (total > 0, asks_card(view)) {
        (true, _) => text::pay(&words::money(total, view.preview.currency, view.locale), view.locale),
        (false, true) => text.start.to_owned(),
        (false, false) => text.confirm.to_owned(),
    };
    let card = if asks_card(view) {
        card(view, told, text)
    } else {
        String::new()
    };
    // The order still has codes that do not apply: they go with the payment, for
    // the payer has seen the total without them.
    let stale = match view.preview.invalid_discounts.is_empty() {
        true => "",
        false => r#"<input type="hidden" name="stale" value="1">"#,
    };
    let open = if told.unopened { " data-open" } else { "" };
    let codes: String = view
        .preview
        .discounts
        .iter()
        .map(|applied| {
            format!(
                r#"<input type="hidden" name="codes" value="{}">"#,
                escape(&applied.code)
            )
        })
        .collect();
    let has_terms = view.business.terms_url.is_some() || view.business.privacy_url.is_some();
    let agreement = text::agreement(&button, has_terms, view.recurring, view.locale);
    format!(
        r#"<form id="pay-form" method="post" action="?"{open}>
<div id="seen"><input type="hidden" name="step" value="pay"><input type="hidden" name="total" value="{total}">{stale}{codes}</div>
{card}<p id="agreement" class="quiet">{}</p>
<p class="act"><button type="submit" id="pay" class="button" data-busy="{}" aria-describedby="agreement">{}</button></p>
</form>
"#,
        escape(&agreement),
        text.busy,
        escape(&button),
    )
}

/// An input of the card.
struct Input {
    field: Field,
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    optional: bool,
    /// Further attributes.
    rest: &'static str,
}

fn card(view: &PageView, told: &Told, text: &Text) -> String {
    let inputs = [
        Input {
            field: Field::Number,
            id: "number",
            label: text.number,
            hint: "",
            optional: false,
            rest: r#"inputmode="numeric" autocomplete="cc-number" maxlength="23" placeholder="0000 0000 0000 0000""#,
        },
        Input {
            field: Field::Expiry,
            id: "expiry",
            label: text.expiry,
            hint: text.expiry_hint,
            optional: false,
            rest: r#"inputmode="numeric" autocomplete="cc-exp" maxlength="9" placeholder="MM/YY""#,
        },
        Input {
            field: Field::Password,
            id: "password",
            label: text.password,
            hint: text.password_hint,
            optional: true,
            rest: r#"type="password" inputmode="numeric" autocomplete="off" maxlength="2" placeholder="••""#,
        },
        Input {
            field: Field::Identity,
            id: "identity",
            label: text.identity,
            hint: text.identity_hint,
            optional: true,
            rest: r#"inputmode="numeric" autocomplete="off" maxlength="12""#,
        },
    ];
    let notice = shown(view, told);
    let mut fields = String::new();
    let mut is_first = true;
    for input in inputs {
        fields.push_str(&input.html(view, told, text, notice, &mut is_first));
    }
    format!(r#"<div class="card">{fields}</div>"#)
}

impl Input {
    /// Never with what was typed before: nothing of a card goes back.
    fn html(&self, view: &PageView, told: &Told, text: &Text, notice: Option<Notice>, is_first: &mut bool) -> String {
        let Self {
            field,
            id,
            label,
            hint,
            optional,
            rest,
        } = self;
        let is_wrong = told.wrong.contains(field);
        // The notice says what is the matter with it.
        let is_meant = !is_wrong && notice.and_then(Notice::field) == Some(*field);
        let mut described = Vec::new();
        let mut said = String::new();
        if is_wrong {
            described.push(format!("{id}-error"));
            said = error(id, text::wrong(*field, view.locale));
        } else if is_meant {
            described.push("notice".to_owned());
        }
        if !hint.is_empty() {
            described.push(format!("{id}-hint"));
        }
        let mut state = state(is_wrong || is_meant, &described);
        if (is_wrong || is_meant) && !std::mem::replace(is_first, false) {
            // One input alone is where one begins.
            state = state.replace(" autofocus", "");
        }
        let hint = match hint.is_empty() {
            true => String::new(),
            false => format!(r#"<span class="hint" id="{id}-hint">{hint}</span>"#),
        };
        let (mark, required) = match optional {
            true => (format!(r#" <span class="quiet">{}</span>"#, text.optional), ""),
            false => (String::new(), " required"),
        };
        format!(
            r#"<div class="field {id}"><label for="{id}">{label}{mark}</label><input id="{id}" name="{id}" {rest}{required}{state}>{hint}{said}</div>"#
        )
    }
}
