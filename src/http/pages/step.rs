//! What a payer does: opens the form, chooses, pays.

use axum::{
    body::Body,
    http::{
        HeaderMap, Response, StatusCode,
        header::{HOST, ORIGIN},
        request::Parts,
    },
};
use zeroize::Zeroizing;

use super::{
    SEC_FETCH_SITE, Stage, Told, Visit,
    form::{BODY_LIMIT, Form},
    notice::{Field, Notice},
    page,
    pay::asks_card,
    stage,
};
use crate::{
    engine::checkout_page::{PageChange, PagePayment, PageView},
    error::{Code, Error, Result},
    http::{
        body::{self, Patience},
        refused::{Refused, Step},
        request_id,
    },
};

impl Visit<'_> {
    pub(super) async fn post(&self, parts: &Parts, body: Body) -> Response<Body> {
        if !is_ours(&parts.headers) {
            return self.sorry(StatusCode::FORBIDDEN);
        }
        let form = match self.form(&parts.headers, body).await {
            Ok(form) => form,
            Err(refused) => return self.refused(refused),
        };
        let done = match form.text("step") {
            "open" => self.open().await.map(|_| self.see("cart")),
            "update" => self.update(&form).await,
            "pay" => self.pay(&form).await,
            _ => return self.sorry(StatusCode::BAD_REQUEST),
        };
        match done {
            Ok(response) => response,
            Err(error) => self.told(&error),
        }
    }

    async fn form(&self, headers: &HeaderMap, body: Body) -> Step<Form> {
        let is_form = body::media_type(headers).is_some_and(|(media, _)| media == "application/x-www-form-urlencoded");
        if !is_form {
            return Err(Refused::new(Code::ContentTypeUnsupported, "a page takes forms only").close());
        }
        let options = &self.app.options;
        let patience = Patience {
            pause: options.body_pause,
            whole: options.request_timeout,
        };
        let bytes = body::whole(body, BODY_LIMIT, patience).await?;
        let bytes = Zeroizing::new(Vec::from(bytes));
        Form::read(&bytes).ok_or_else(|| Refused::new(Code::BodyInvalid, "the body is no form"))
    }

    /// Quantities and codes.
    async fn update(&self, form: &Form) -> Result<Response<Body>> {
        let change = match form.change() {
            Ok(change) => change,
            Err(field) => return self.again(vec![field]).await,
        };
        let typed = form.text("code").to_owned();
        match self.choose(change).await {
            Ok(view) if !view.preview.invalid_discounts.is_empty() && stage(&view) == Stage::Pay => {
                let told = Told {
                    chose: true,
                    typed_code: Some(typed),
                    ..Told::default()
                };
                Ok(page(StatusCode::BAD_REQUEST, &view, &told))
            }
            Ok(_) => Ok(self.see("cart")),
            Err(error) => match quantity_of(&error) {
                Some(field) => self.again(vec![field]).await,
                None => Err(error),
            },
        }
    }

    async fn choose(&self, change: PageChange) -> Result<PageView> {
        let Self { app, token, locale, .. } = self;
        self.ask(|done| app.engine.page_update(token, change, *locale, done))
            .await
    }

    /// The page once more, with what is wrong; nothing was done.
    async fn again(&self, wrong: Vec<Field>) -> Result<Response<Body>> {
        let view = self.view().await?;
        let told = Told {
            chose: true,
            wrong,
            ..Told::default()
        };
        Ok(page(StatusCode::BAD_REQUEST, &view, &told))
    }

    async fn pay(&self, form: &Form) -> Result<Response<Body>> {
        let view = self.view().await?;
        if stage(&view) != Stage::Pay {
            return Ok(self.see("wait"));
        }
        let Some(total) = form.total() else {
            return Ok(self.see(&noticed(Notice::Total)));
        };
        let card = match asks_card(&view) || form.has("number") {
            true => match form.card() {
                Ok(card) => Some(card),
                Err(wrong) => return self.again(wrong).await,
            },
            false => None,
        };
        if form.has("stale") && total == view.preview.total {
            // The payer has seen that these codes do not count.
            self.drop_codes(&view).await?;
        }
        let payment = PagePayment {
            card,
            quantities: Vec::new(),
            total,
            request_id: Some(request_id::text(self.name).to_owned()),
        };
        let Self { app, token, locale, .. } = self;
        let paid = self
            .ask(|done| app.engine.page_pay(token, payment, *locale, done))
            .await;
        match paid {
            Ok(_) => Ok(self.see("wait")),
            Err(error) if error.code() == Code::DiscountCodeInvalid => {
                self.drop_codes(&self.view().await?).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps only the codes that count.
    async fn drop_codes(&self, view: &PageView) -> Result<PageView> {
        let applied = view.preview.discounts.iter();
        self.choose(PageChange {
            quantities: Vec::new(),
            codes: Some(applied.map(|applied| applied.code.clone()).collect()),
        })
        .await
    }

    /// The page that says what came of it.
    fn told(&self, error: &Error) -> Response<Body> {
        if let Some(notice) = Notice::of(error) {
            return self.see(&noticed(notice));
        }
        match error.code() {
            // Somebody is paying, has paid, or nobody can any more: the page knows.
            Code::PaymentInProgress
            | Code::CheckoutSessionClosed
            | Code::OrderNotPayable
            | Code::VersionConflict
            | Code::Timeout => self.see("wait"),
            _ => self.failed(error),
        }
    }
}

fn noticed(notice: Notice) -> String {
    format!("notice={}", notice.word())
}

/// The item of the cart whose quantity was refused.
fn quantity_of(error: &Error) -> Option<Field> {
    if error.code() != Code::ParameterInvalid {
        return None;
    }
    let at = error.param()?.strip_suffix("].quantity")?;
    let at = at
        .strip_prefix("quantities[")
        .or_else(|| at.strip_prefix("lineItems["))?;
    at.parse().ok().map(Field::Quantity)
}

/// Whether a post comes from a page of ours. The token in the address is what
/// nobody else knows; this is for a browser that is made to send it.
fn is_ours(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin" || site == "none";
    }
    // Pages that tell no referrer have the origin `null`, in older browsers too.
    let Some(origin) = headers.get(ORIGIN).filter(|origin| *origin != "null") else {
        return true;
    };
    let (Ok(origin), Some(host)) = (origin.to_str(), headers.get(HOST)) else {
        return false;
    };
    let named = origin.split_once("://").map(|(_, host)| host);
    named.is_some_and(|named| host.to_str().is_ok_and(|host| named.eq_ignore_ascii_case(host)))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn posts_of_other_sites_are_refused() {
        let seen = |given: &[(HeaderName, &'static str)]| {
            let headers: HeaderMap = given
                .iter()
                .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
                .collect();
            is_ours(&headers)
        };
        let host = (HOST, "pay.example.com");
        assert!(seen(&[]));
        assert!(seen(&[(SEC_FETCH_SITE, "same-origin"), (ORIGIN, "null")]));
        assert!(seen(&[(ORIGIN, "null"), host.clone()]));
        assert!(seen(&[(ORIGIN, "https://pay.example.com"), host.clone()]));
        assert!(!seen(&[(SEC_FETCH_SITE, "cross-site")]));
        assert!(!seen(&[(SEC_FETCH_SITE, "same-site"), (ORIGIN, "null")]));
        assert!(!seen(&[(ORIGIN, "https://evil.example"), host.clone()]));
        assert!(!seen(&[(ORIGIN, "https://pay.example.com")]));
    }

    #[test]
    fn a_refused_quantity_is_found() {
        let field = |param: &str| quantity_of(&Error::invalid(param, "x"));
        assert_eq!(field("quantities[1].quantity"), Some(Field::Quantity(1)));
        assert_eq!(field("lineItems[0].quantity"), Some(Field::Quantity(0)));
        assert_eq!(field("lineItems[0].priceId"), None);
    }
}
