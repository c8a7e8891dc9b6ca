//! Lines, bills and codes as answers.

use crate::{
    domain::{
        catalog::coupon::Off,
        currency::Currency,
        line,
        order::Order,
        pricing::{bill::Bill, discount, purchase::Quote},
        words::{self, Locale},
    },
    error::{Error, Result},
    ops::{
        answer::{AnyJson, Stored},
        catalog::Decimal,
        preview::{
            DiscountTypeWord, InvalidDiscount, Line, LineReason, LineTypeWord, Message, Preview, PreviewDiscount,
            PreviewWord, UpcomingCharge,
        },
    },
};

/// A quote, with its reasons in words.
pub fn preview(quote: &Quote, tax_inclusive: bool, locale: Locale) -> Result<Preview> {
    let Quote { currency, now, .. } = quote;
    let upcoming = |bill: &Bill| upcoming(bill, *currency, locale);
    Ok(Preview {
        object: PreviewWord("preview"),
        lines: lines(&now.lines, *currency, locale)?,
        subtotal: now.subtotal,
        discount: now.discount,
        tax: now.tax,
        tax_inclusive,
        total: now.total,
        currency: *currency,
        discounts: quote.applied.iter().map(applied).collect(),
        invalid_discounts: quote.invalid.iter().map(invalid).collect(),
        upcoming: quote.upcoming.iter().map(upcoming).collect::<Result<_>>()?,
    })
}

/// What an order came to when it was last reckoned.
pub fn of_order(order: &Order, tax_inclusive: bool, locale: Locale) -> Result<Preview> {
    let items = order.items.iter().map(|item| line(&item.line, order.currency, locale));
    Ok(Preview {
        object: PreviewWord("preview"),
        lines: items.collect::<Result<_>>()?,
        subtotal: order.subtotal,
        discount: order.discount,
        tax: order.tax,
        tax_inclusive,
        total: order.total,
        currency: order.currency,
        discounts: Vec::new(),
        invalid_discounts: Vec::new(),
        upcoming: Vec::new(),
    })
}

/// A coming payment, with its reasons in words.
pub fn upcoming(bill: &Bill, currency: Currency, locale: Locale) -> Result<UpcomingCharge> {
    Ok(UpcomingCharge {
        at: bill.at,
        lines: lines(&bill.lines, currency, locale)?,
        total: bill.total,
        currency,
    })
}

/// Lines, with their reasons in words.
pub fn lines(lines: &[line::Line], currency: Currency, locale: Locale) -> Result<Vec<Line>> {
    lines.iter().map(|each| line(each, currency, locale)).collect()
}

/// One line, with its reason in words.
pub fn line(line: &line::Line, currency: Currency, locale: Locale) -> Result<Line> {
    Ok(Line {
        kind: LineTypeWord(line.kind.name()),
        price_id: line.price.clone(),
        item_id: line.item.clone(),
        quantity: Decimal::of(line.quantity),
        amount: line.amount,
        currency,
        period_start: line.period.map(|period| period.start()),
        period_end: line.period.map(|period| period.end()),
        reason: reason(line, currency, locale)?,
    })
}

fn reason(line: &line::Line, currency: Currency, locale: Locale) -> Result<LineReason> {
    let mut json = serde_json::to_value(&line.reason)
        .map_err(|error| Error::internal(format!("a reason cannot be written: {error}")))?;
    // Stored in microseconds, shown as every instant is.
    if let line::Reason::Trial { until, .. } = &line.reason {
        json["params"]["until"] = until.to_string().into();
    }
    let params = json.get("params").map_or_else(|| "{}".to_owned(), ToString::to_string);
    Ok(LineReason {
        code: json["code"].as_str().unwrap_or_default().to_owned(),
        params: AnyJson(Stored::new(&params)),
        text: words::say(line, currency, locale),
    })
}

fn applied(applied: &discount::Applied) -> PreviewDiscount {
    PreviewDiscount {
        code: applied.code.clone(),
        kind: DiscountTypeWord(applied.kind()),
        value: match applied.off {
            Off::Percent(percent) => Decimal::of(percent),
            Off::Amount(amount, _) => Decimal::of(amount),
        },
        description: applied.description.clone(),
        amount: applied.amount,
        before: applied.before,
    }
}

fn invalid(invalid: &discount::InvalidDiscount) -> InvalidDiscount {
    InvalidDiscount {
        code: invalid.code.clone(),
        reason: invalid.reason.name().to_owned(),
        message: Message {
            en: invalid.reason.message(Locale::En).to_owned(),
            ko: invalid.reason.message(Locale::Ko).to_owned(),
        },
    }
}
