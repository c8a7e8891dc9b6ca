//! From a request to the operation, and back.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, IF_MATCH},
        request::Parts,
    },
};
use bytes::Bytes;
use tokio::{sync::oneshot, time::timeout};
use zeroize::Zeroizing;

use super::{
    App,
    app::Notes,
    body::{self, Patience},
    client, cors, docs, event_stream,
    input::Outside,
    keys::{self, KeyHash},
    openapi, query,
    refused::{Refused, Step},
    request_id,
    routes::{Found, Page},
    upload,
};
use crate::{
    engine::{
        Answered, Call, Reply, Session,
        port::{GiveUp, Watch},
    },
    error::{Code, Error, Kind, Result},
    import,
    ops::{Effect, Op, Operation, Output},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// What the files are that we make.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// How long the database may take to say that it is there.
const READY: Duration = Duration::from_secs(5);

impl App {
    pub(super) async fn serve(
        self: &Arc<Self>,
        request: Request<Body>,
        peer: Option<IpAddr>,
        name: &HeaderValue,
        allowed_origin: bool,
        notes: &mut Notes,
    ) -> Step<Response<Body>> {
        let (parts, body) = request.into_parts();
        if parts.uri.query().is_some_and(query::holds_key) {
            return Err(Refused::new(
                Code::ApiKeyInQuery,
                "an API key must not stand in the address, which proxies and logs keep: send it as Authorization: Bearer sk_…, and revoke this one",
            ));
        }
        let (route, id) = self.routes.find(parts.uri.path())?;
        notes.route = route.template;
        match route.method(&parts.method)? {
            Found::Options => Ok(cors::options(&route.allow, &parts.headers, allowed_origin)),
            Found::Page(page) => {
                notes.quiet = true;
                self.page(page, parts.uri.path(), id).await
            }
            Found::Checkout => {
                notes.operation = "checkoutPage";
                let token = id.unwrap_or_default();
                Ok(Box::pin(self.checkout_page(token, &parts, body, name)).await)
            }
            Found::Op(op) => {
                notes.operation = op.declaration().name;
                let taken = self.hand.take()?;
                let session = self.admit(&parts.headers, peer).await?;
                notes.session = Some(Arc::clone(&session));
                session.permit(op)?;
                if matches!(op.declaration().output, Output::Stream(_)) {
                    // It is no request in hand for as long as it lasts.
                    drop(taken);
                    return Box::pin(self.event_stream(session, op.declaration(), parts, body)).await;
                }
                if op.declaration().upload {
                    // Rare, and large: not a part of every request's state.
                    return Box::pin(self.import(session, op, parts, body, name, taken)).await;
                }
                self.operation(&session, op, id, &parts, body, name).await
            }
        }
    }

    /// Whose request it is.
    async fn admit(self: &Arc<Self>, headers: &HeaderMap, peer: Option<IpAddr>) -> Step<Arc<Session>> {
        let refused = |error: Error| -> Refused {
            if matches!(error.code(), Code::ApiKeyMissing) || error.code().kind() != Kind::Authentication {
                return error.into();
            }
            self.metrics.key_refused();
            let from = client::address(peer, headers, &self.options.trusted_proxies);
            self.wrong_keys.count(from).err().unwrap_or_else(|| error.into())
        };
        let key = keys::presented(headers).map_err(refused)?;
        let hash = KeyHash::of(key);
        let session = self.keys.session(key, hash).await.map_err(refused)?;
        if let Some(requests) = &self.requests {
            requests.count(hash)?;
        }
        Ok(session)
    }

    async fn operation(
        &self,
        session: &Arc<Session>,
        op: Op,
        id: Option<&str>,
        parts: &Parts,
        body: Body,
        name: &HeaderValue,
    ) -> Step<Response<Body>> {
        let declared = op.declaration();
        let headers = &parts.headers;
        let outside = Outside::read(declared, id, headers.get(IF_MATCH).map(HeaderValue::as_bytes))?;
        let patience = Patience {
            pause: self.options.body_pause,
            whole: self.options.request_timeout,
        };
        let input = if takes_body(declared) {
            if parts.uri.query().is_some_and(|query| !query.is_empty()) {
                return Err(Refused::new(
                    Code::ParameterUnknown,
                    format!(
                        "the parameters of {} go into the body, not into the query string",
                        declared.name
                    ),
                ));
            }
            let body = body::json(headers, body, self.options.body_limit, patience).await?;
            let input = outside.with_body(declared, &body);
            if declared.secret {
                drop(Zeroizing::new(body));
            }
            input?
        } else {
            body::none(body, patience).await?;
            outside.with_query(declared, parts.uri.query())?
        };
        let write = declared.effect == Effect::Write;
        let call = Call {
            op,
            input,
            idempotency_key: if write { idempotency_key(headers)? } else { None },
            request_id: write.then(|| request_id::text(name).to_owned()),
            watch: Arc::default(),
        };
        let answered = self.call(session, call).await?;
        Ok(response(answered))
    }

    /// Calls the engine and waits for the answer, which a point read gives at once.
    async fn call(&self, session: &Arc<Session>, call: Call) -> Result<Answered> {
        let (send, receive) = oneshot::channel();
        let reply = Reply::new(move |outcome| drop(send.send(outcome)));
        let write = call.op.declaration().effect == Effect::Write;
        let watch = Arc::clone(&call.watch);
        let at_once = if call.op == Op::CustomersImportTemplate {
            import::template(session, &call.input, reply);
            None
        } else {
            session.call(call, reply)
        };
        match at_once {
            Some(outcome) => outcome,
            None => wait(receive, watch, write, self.options.request_timeout).await,
        }
    }

    async fn import(
        self: &Arc<Self>,
        session: Arc<Session>,
        op: Op,
        parts: Parts,
        body: Body,
        name: &HeaderValue,
        taken: super::limits::Taken,
    ) -> Step<Response<Body>> {
        let import = self.imports.take().map_err(Refused::close)?;
        upload::check_type(&parts.headers)?;
        let input = Outside::default().with_query(op.declaration(), parts.uri.query())?;
        let patience = Patience {
            pause: self.options.body_pause,
            whole: self.options.upload_timeout,
        };
        let folder = &self.options.upload_folder;
        let upload = upload::receive(body, self.options.upload_limit, folder, self.engine.unique(), patience).await?;
        if upload::wants_progress(&parts.headers) {
            let name = request_id::text(name).to_owned();
            return Ok(upload::import_by_lines(
                &session,
                upload,
                &input,
                name,
                vec![taken, import],
            ));
        }
        Ok(response(upload::import(&session, upload, &input).await?))
    }

    async fn event_stream(
        &self,
        session: Arc<Session>,
        declared: &'static Operation,
        parts: Parts,
        body: Body,
    ) -> Step<Response<Body>> {
        let taken = self.event_streams.take().map_err(|_| {
            Refused::new(
                Code::ServerBusy,
                "the server has as many event streams open as it takes: try again, or use events.list",
            )
        })?;
        let patience = Patience {
            pause: self.options.body_pause,
            whole: self.options.request_timeout,
        };
        body::none(body, patience).await?;
        let input = Outside::default().with_query(declared, parts.uri.query())?;
        let input = event_stream::resumed(input, &parts.headers)?;
        let stream = session.stream_events(&input)?;
        event_stream::start(stream, session, self.options.heartbeat, taken).await
    }

    async fn page(&self, page: Page, path: &str, asset: Option<&str>) -> Step<Response<Body>> {
        match page {
            Page::Asset => self
                .page_asset(asset.unwrap_or_default())
                .ok_or_else(|| Refused::new(Code::RouteNotFound, "pages have no such part")),
            Page::Health => Ok(json("{\"status\":\"ok\"}")),
            Page::Ready => {
                let (send, receive) = oneshot::channel();
                self.engine.check(move |outcome| drop(send.send(outcome)));
                match timeout(READY, receive).await {
                    Ok(Ok(Ok(()))) => Ok(json("{\"status\":\"ok\"}")),
                    Ok(Ok(Err(error))) => Err(error.into()),
                    Ok(Err(_)) | Err(_) => Err(Refused::new(Code::DatabaseUnreachable, "the database does not answer")),
                }
            }
            Page::OpenApi => {
                let document = self
                    .openapi
                    .get_or_init(|| Bytes::from(openapi::document(self.routes.base_path())));
                Ok(json(document.clone()))
            }
            Page::Docs => {
                let below = path.strip_prefix(self.routes.base_path());
                let asset = below.and_then(|path| path.strip_prefix("/docs"));
                let (kind, bytes) = docs::page(asset.unwrap_or_default())
                    .ok_or_else(|| Refused::new(Code::RouteNotFound, "the documentation has no such part"))?;
                let bytes = match bytes {
                    std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                    std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
                };
                let mut response = Response::new(Body::from(bytes));
                let headers = response.headers_mut();
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
                headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(DOCS_POLICY));
                Ok(response)
            }
        }
    }
}

/// The documentation loads what lies beside it, and nothing else.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Whether the parameters come as a JSON body.
pub(super) fn takes_body(declared: &Operation) -> bool {
    matches!(declared.method, "POST" | "PATCH" | "PUT")
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(first) = given.next() else { return Ok(None) };
    // In process any printable text is a key, so it is one here as well.
    match std::str::from_utf8(first.as_bytes()) {
        Ok(key) if given.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(Error::invalid(
            "idempotencyKey",
            "must be one header of 1 to 255 printable characters in UTF-8",
        )),
    }
}

/// Gives up when it is dropped before its end.
struct Impatient {
    watch: Arc<Watch>,
    done: bool,
}

impl Drop for Impatient {
    fn drop(&mut self) {
        if !self.done {
            self.watch.give_up(GiveUp::Aborted);
        }
    }
}

/// Waits for an answer that comes later. A client who goes away ends a read; a
/// write goes on, for nobody could tell the client what became of it.
async fn wait(
    receive: oneshot::Receiver<Result<Answered>>,
    watch: Arc<Watch>,
    write: bool,
    patience: Duration,
) -> Result<Answered> {
    let mut impatient = Impatient {
        watch: Arc::clone(&watch),
        done: write,
    };
    let mut receive = receive;
    let lost = || Error::internal("a call was never answered");
    let outcome = match timeout(patience, &mut receive).await {
        Ok(outcome) => outcome.unwrap_or_else(|_| Err(lost())),
        Err(_) => {
            watch.give_up(GiveUp::TimedOut);
            // The engine knows whether it was too late, and says so soon.
            match timeout(patience, &mut receive).await {
                Ok(outcome) => outcome.unwrap_or_else(|_| Err(lost())),
                Err(_) if write => Err(Error::new(
                    Code::Timeout,
                    "the request took too long, and may still be done: repeat it with the same Idempotency-Key",
                )),
                Err(_) => Err(Error::new(Code::Timeout, "the request took too long")),
            }
        }
    };
    impatient.done = true;
    outcome
}

fn json(body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    // Room for the headers that every answer gets.
    *response.headers_mut() = HeaderMap::with_capacity(12);
    response
}

/// What the engine answered, as HTTP says it.
fn response(answered: Answered) -> Response<Body> {
    match answered {
        Answered::Json(text) => json(text),
        Answered::Created(text) => {
            let mut response = json(text);
            *response.status_mut() = StatusCode::CREATED;
            response
        }
        Answered::Replayed(text) => {
            let mut response = json(text);
            response
                .headers_mut()
                .insert(REPLAYED, HeaderValue::from_static("true"));
            response
        }
        Answered::File(bytes) => {
            let mut response = json(bytes);
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(XLSX));
            headers.insert(
                CONTENT_DISPOSITION,
                HeaderValue::from_static("attachment; filename=\"customers.xlsx\""),
            );
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(
        write: bool,
    ) -> (
        oneshot::Sender<Result<Answered>>,
        Arc<Watch>,
        impl Future<Output = Result<Answered>>,
    ) {
        let (send, receive) = oneshot::channel();
        let watch = Arc::<Watch>::default();
        let wait = wait(receive, Arc::clone(&watch), write, Duration::from_millis(20));
        (send, watch, wait)
    }

    #[test]
    fn whoever_waits_too_long_is_told_what_may_have_happened() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        for (write, told) in [(false, "took too long"), (true, "may still be done")] {
            let (_send, watch, wait) = waiting(write);
            let error = runtime.block_on(wait).unwrap_err();
            assert_eq!(error.code(), Code::Timeout);
            assert!(error.message().contains(told));
            assert_eq!(
                watch.reason().unwrap().code(),
                Code::Timeout,
                "the engine is told to stop"
            );
        }
        let (send, watch, wait) = waiting(true);
        runtime.spawn(async move {
            while watch.reason().is_none() {
                tokio::task::yield_now().await;
            }
            send.send(Ok(Answered::Json("{}".to_owned())))
        });
        assert!(
            runtime.block_on(wait).is_ok(),
            "what was done in time is said, even late"
        );
    }

    #[test]
    fn a_read_gives_up_with_its_client_and_a_write_does_not() {
        for (write, gave_up) in [(false, true), (true, false)] {
            let (_send, watch, wait) = waiting(write);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut wait = std::pin::pin!(wait);
                std::future::poll_fn(|cx| {
                    let _ = wait.as_mut().poll(cx);
                    std::task::Poll::Ready(())
                })
                .await;
            });
            assert_eq!(watch.reason().is_some(), gave_up);
        }
    }
}
