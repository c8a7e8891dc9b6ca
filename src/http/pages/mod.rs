//! The pages that payers see: a checkout session's, by the token in its
//! address. No API key opens them.
//!
//! They are made here and work without JavaScript: whatever is done is a form
//! that is posted, and leads to the page again (`?cart`, `?wait`, `?notice=…`).
//! A post that was refused before anything was done is answered with the page
//! itself.

mod cart;
mod form;
mod language;
mod leave;
mod notice;
mod pay;
mod render;
mod step;
mod style;
mod text;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode,
        header::{ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, X_FRAME_OPTIONS},
        request::Parts,
    },
};
use bytes::Bytes;
use tokio::{sync::oneshot, time::timeout};

use self::{
    notice::Notice,
    render::{Stage, Told, stage},
};
use super::{
    App,
    refused::{CloseAfter, Refused},
    request_id,
};
use crate::{
    domain::{url, words::Locale},
    engine::checkout_page::PageView,
    error::{Code, Error, Kind, Result},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");

/// A request for a page.
struct Visit<'a> {
    app: &'a Arc<App>,
    token: &'a str,
    /// The browser's language.
    locale: Option<Locale>,
    /// The request's name, for events.
    name: &'a HeaderValue,
}

impl App {
    /// Answers a request for the page of a token.
    pub(super) async fn checkout_page(
        self: &Arc<Self>,
        token: &str,
        parts: &Parts,
        body: Body,
        name: &HeaderValue,
    ) -> Response<Body> {
        let visit = Visit {
            app: self,
            token,
            locale: language::preferred(&parts.headers),
            name,
        };
        let taken = match self.hand.take() {
            Ok(taken) => taken,
            Err(refused) => return visit.refused(refused),
        };
        let response = match parts.method {
            Method::GET | Method::HEAD => visit.show(parts).await,
            Method::POST => visit.post(parts, body).await,
            _ => {
                let mut response = visit.sorry(StatusCode::METHOD_NOT_ALLOWED);
                let allow = HeaderValue::from_static("GET, HEAD, POST");
                response.headers_mut().insert(ALLOW, allow);
                response
            }
        };
        drop(taken);
        response
    }

    /// Something that pages load.
    pub(super) fn page_asset(&self, name: &str) -> Option<Response<Body>> {
        let (kind, bytes) = style::asset(name)?;
        let mut response = Response::new(Body::from(Bytes::from(bytes.into_owned())));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        Some(response)
    }
}

impl Visit<'_> {
    async fn show(&self, parts: &Parts) -> Response<Body> {
        let query = parts.uri.query().unwrap_or_default();
        let word = query.split('&').find_map(|pair| pair.strip_prefix("notice="));
        let is = |flag: &str| query.split('&').any(|known| known == flag);
        let told = Told {
            notice: word.and_then(Notice::from_word),
            chose: is("cart"),
            leaving: is("wait") || word.is_some(),
            ..Told::default()
        };
        let opened = match query.is_empty() && parts.method == Method::GET && is_opened(&parts.headers) {
            true => self.open().await.ok(),
            false => None,
        };
        let told = Told {
            unopened: query.is_empty() && opened.is_none(),
            ..told
        };
        let view = match opened {
            Some(view) => Ok(view),
            // What keeps it from being opened is what the page shows.
            None => self.view().await,
        };
        match view {
            Ok(view) => page(StatusCode::OK, &view, &told),
            Err(error) => self.failed(&error),
        }
    }

    /// The pay form opens: what is in the cart is kept for the payer.
    async fn open(&self) -> Result<PageView> {
        let Self { app, token, locale, .. } = self;
        self.ask(|done| app.engine.open_pay_form(token, *locale, done)).await
    }

    async fn view(&self) -> Result<PageView> {
        let Self { app, token, locale, .. } = self;
        self.ask(|done| app.engine.page_view(token, *locale, done)).await
    }

    /// Waits for the engine.
    async fn ask(&self, begin: impl FnOnce(Box<dyn FnOnce(Result<PageView>) + Send>)) -> Result<PageView> {
        let (send, receive) = oneshot::channel();
        begin(Box::new(move |view| drop(send.send(view))));
        match timeout(self.app.options.request_timeout, receive).await {
            Ok(Ok(view)) => view,
            Ok(Err(_)) => Err(Error::internal("a page was never answered")),
            Err(_) => Err(Error::new(Code::Timeout, "the page took too long")),
        }
    }

    /// The page that follows a post.
    fn see(&self, query: &str) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SEE_OTHER;
        // Relative, for nobody here knows what a proxy calls this place.
        if let Ok(place) = HeaderValue::try_from(format!("?{query}")) {
            response.headers_mut().insert(LOCATION, place);
        }
        dressed(response, &[], &[])
    }

    /// The page says why there is none.
    fn failed(&self, error: &Error) -> Response<Body> {
        let locale = self.locale.unwrap_or_default();
        let status = StatusCode::from_u16(error.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if error.code() == Code::Internal {
            let request_id = request_id::text(self.name);
            tracing::error!(target: "proyecta::http", request_id, operation = "checkoutPage", message = error.message());
        }
        let text = match error.code().kind() {
            Kind::NotFound => render::plain(locale, |text| &text.unknown),
            Kind::InvalidRequest | Kind::Permission | Kind::Conflict => render::plain(locale, |text| &text.refused),
            _ => render::plain(locale, |text| &text.trouble),
        };
        html(status, text)
    }

    fn sorry(&self, status: StatusCode) -> Response<Body> {
        html(
            status,
            render::plain(self.locale.unwrap_or_default(), |text| &text.refused),
        )
    }

    fn refused(&self, refused: Refused) -> Response<Body> {
        let mut response = self.failed(refused.error());
        if refused.closes() {
            response.extensions_mut().insert(CloseAfter);
        }
        response
    }
}

/// Whether a person opens the page, and no program that looks at links: those
/// say nothing of how they fetch, and browsers do.
fn is_opened(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_MODE).is_some_and(|mode| mode == "navigate") && !headers.contains_key(SEC_PURPOSE)
}

/// The page of a session.
fn page(status: StatusCode, view: &PageView, told: &Told) -> Response<Body> {
    let mut pictures: Vec<String> = [&view.branding.logo_url, &view.branding.icon_url]
        .into_iter()
        .chain(view.items.iter().map(|item| &item.image))
        .filter_map(|address| url::origin_of(address.as_deref()?))
        .collect();
    pictures.sort_unstable();
    pictures.dedup();
    let text = render::session(view, told);
    dressed(respond(status, text), &pictures, &view.origins)
}

fn html(status: StatusCode, text: String) -> Response<Body> {
    dressed(respond(status, text), &[], &[])
}

fn respond(status: StatusCode, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// With what a browser may do with it: load what lies beside it and the
/// merchant's pictures, post to itself, and be shown inside of nothing but the
/// merchant's sites.
fn dressed(mut response: Response<Body>, pictures: &[String], sites: &[String]) -> Response<Body> {
    let pictures = pictures.join(" ");
    let frames = if sites.is_empty() {
        "'none'".to_owned()
    } else {
        sites.join(" ")
    };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' {pictures}; \
         form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    if sites.is_empty() {
        // For browsers that do not know the policy; it cannot name sites.
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    response
}
