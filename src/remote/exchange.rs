//! One call on its way: its tries, the pauses between them, and its end.

use std::{
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use reqwest::{
    Response, Url,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER},
};
use tokio::{
    sync::Notify,
    time::{sleep, sleep_until},
};

use super::{
    Answer, Observe, Remote,
    answer::{self, Received},
    client::{causes, root_cause},
    failure::{self, Failure},
    passing,
    request::{Body, Request},
    request_id::REQUEST_ID,
    retry::{self, Policy, Trouble},
};
use crate::{
    engine::port::{GiveUp, Watch},
    error::{Error, Result},
};

/// Characters in an idempotency key; a longer one might not even fit into a
/// request's head.
const KEY_MAX: usize = 255;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request with everything that its tries need.
pub(super) struct Exchange {
    pub(super) remote: Arc<Remote>,
    pub(super) request: Request,
    /// The same on every try.
    pub(super) request_id: String,
    pub(super) max_retries: u32,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) observe: Option<Observe>,
    /// How often it was sent.
    pub(super) tries: u32,
    /// When the try began that is under way.
    pub(super) begun: Option<Instant>,
}

/// How one try ended.
pub(super) struct Tried {
    pub(super) answer: Answer,
    pub(super) status: Option<u16>,
    pub(super) trouble: Option<Trouble>,
}

/// What came of sending a request.
pub(super) enum Sent {
    /// The head of an answer.
    Answered(Response),
    /// No answer.
    Failed(Tried),
}

impl Exchange {
    /// Tries until there is an answer, the caller gives up, or its time is
    /// over. What is under way then is dropped, and its connection with it.
    pub(super) async fn run(mut self, timeout: Option<Duration>, watch: &Arc<Watch>) -> Answer {
        let gave_up = Arc::new(Notify::new());
        let told = Arc::clone(&gave_up);
        watch.on_give_up(move || told.notify_one());
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let late = async {
            match deadline {
                Some(deadline) => sleep_until(deadline.into()).await,
                None => pending().await,
            }
        };
        let reason = tokio::select! {
            biased;
            answer = self.tries(deadline) => return answer,
            () = gave_up.notified() => watch.given_up().unwrap_or(GiveUp::Aborted),
            () = late => GiveUp::TimedOut,
        };
        let tried = Tried {
            answer: Answer {
                outcome: Err(self.with_what_is_known(failure::given_up(reason, self.request.is_write))),
                request_id: Some(self.request_id.clone()),
            },
            status: None,
            trouble: None,
        };
        self.tell_of_response(&tried, None);
        tried.answer
    }

    async fn tries(&mut self, deadline: Option<Instant>) -> Answer {
        let remote = Arc::clone(&self.remote);
        loop {
            // Never closed; held until the answer is there.
            let slot = remote.slots.acquire().await;
            self.tries += 1;
            self.begun = Some(Instant::now());
            let tried = match self.attempt().await {
                Ok(tried) => tried,
                Err(error) => return error.into(),
            };
            let pause = tried.trouble.as_ref().and_then(|trouble| {
                let policy = Policy {
                    max_retries: self.max_retries,
                    repeatable: self.request.repeatable,
                    time_left: deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())),
                };
                policy.pause(self.tries, trouble, luck())
            });
            drop(slot);
            self.tell_of_response(&tried, pause);
            match pause {
                Some(pause) => sleep(pause).await,
                None => return tried.answer,
            }
        }
    }

    /// Sends the request once, and reads the whole answer.
    async fn attempt(&mut self) -> Result<Tried> {
        match self.send().await? {
            Sent::Answered(response) => Ok(self.read(response).await),
            Sent::Failed(tried) => Ok(tried),
        }
    }

    /// Sends the request once.
    pub(super) async fn send(&mut self) -> Result<Sent> {
        let request = self.prepare().await?;
        if let Some(observe) = &self.observe {
            let url = request.url().as_str();
            observe(passing::request(
                request.method().as_str(),
                url,
                request.headers(),
                self.tries,
            ));
        }
        Ok(match self.remote.client.execute(request).await {
            Ok(response) => Sent::Answered(response),
            Err(error) => Sent::Failed(self.without_answer(&error)),
        })
    }

    /// Reads a whole answer.
    pub(super) async fn read(&self, response: Response) -> Tried {
        let status = response.status();
        let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
        let request_id = header(REQUEST_ID).unwrap_or(&self.request_id).to_owned();
        let retry_after = header(RETRY_AFTER).and_then(|text| retry::retry_after(text, Utc::now()));
        let received = match answer::receive(response, &self.request, &request_id).await {
            Ok(received) => received,
            Err(error) => {
                let mut tried = self.without_answer(&error);
                tried.status = Some(status.as_u16());
                tried.answer.request_id = Some(request_id);
                return tried;
            }
        };
        let (outcome, code) = match received {
            Received::Answered(answered) => (Ok(answered), None),
            Received::Refused(failure) => {
                let code = Some(failure.code().to_owned());
                (Err(failure), code)
            }
            Received::Foreign(failure) => (Err(failure), None),
        };
        let trouble = outcome.is_err().then(|| Trouble::Refused {
            status: status.as_u16(),
            code,
            retry_after,
        });
        Tried {
            answer: Answer {
                outcome,
                request_id: Some(request_id),
            },
            status: Some(status.as_u16()),
            trouble,
        }
    }

    async fn prepare(&self) -> Result<reqwest::Request> {
        let mut builder = self.remote.client.request(self.request.method.clone(), self.url()?);
        match &self.request.body {
            Body::None => {}
            Body::Json(json) => {
                builder = builder
                    .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                    .body(json.clone());
            }
            Body::File(file) => {
                let (body, length) = file.open().await?;
                builder = builder
                    .header(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
                    .header(CONTENT_LENGTH, length)
                    .header(ACCEPT, HeaderValue::from_static("application/x-ndjson"))
                    .body(body);
            }
        }
        if let Some(key) = &self.request.idempotency_key {
            let value = (key.chars().count() <= KEY_MAX)
                .then(|| HeaderValue::from_bytes(key.as_bytes()).ok())
                .flatten()
                .ok_or_else(|| Error::invalid("idempotencyKey", "must be 1 to 255 printable characters"))?;
            builder = builder.header(IDEMPOTENCY_KEY, value);
        }
        builder = builder.header(REQUEST_ID, self.request_id.as_str());
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        builder
            .build()
            .map_err(|error| Error::internal(format!("the request cannot be made: {}", root_cause(&error))))
    }

    fn url(&self) -> Result<Url> {
        let path = format!("{}{}", self.remote.prefix, self.request.target);
        self.remote
            .base
            .join(&path)
            .map_err(|error| Error::internal(format!("the request has no address: {error}")))
    }

    /// The connection was refused, or broke before the whole answer was there.
    fn without_answer(&self, error: &reqwest::Error) -> Tried {
        let origin = &self.remote.origin;
        let cause = root_cause(error);
        let (trouble, message) = if is_about_trust(error) {
            (
                Trouble::Lasting,
                format!(
                    "{origin} does not prove who it is ({cause}): check the address; for a certificate authority of your own pass caCertificate"
                ),
            )
        } else if error.is_connect() {
            (Trouble::NotSent, format!("cannot connect to {origin}: {cause}"))
        } else if error.is_builder() {
            (Trouble::Lasting, format!("the request cannot be sent: {cause}"))
        } else {
            (
                Trouble::Broken,
                format!(
                    "the connection to {origin} broke before the answer was there: {cause}{}",
                    self.may_have_happened()
                ),
            )
        };
        let failure = failure::connection_failed(message);
        Tried {
            answer: Answer {
                outcome: Err(self.with_what_is_known(failure)),
                request_id: Some(self.request_id.clone()),
            },
            status: None,
            trouble: Some(trouble),
        }
    }

    fn may_have_happened(&self) -> &'static str {
        match self.request.body {
            _ if !self.request.is_write => "",
            Body::File(_) => "; rows may have been imported, and importing the same file again is safe",
            _ => "; the server may have carried it out, and repeating it with the idempotency key in details is safe",
        }
    }

    /// Whoever does not know whether a change happened can find out with its
    /// key; of an import it is known how far it was.
    fn with_what_is_known(&self, failure: Failure) -> Failure {
        let mut failure = failure.with_request_id(&self.request_id);
        if let Body::File(file) = &self.request.body {
            for (name, value) in file.so_far() {
                failure = failure.with_detail(&name, value);
            }
        }
        match &self.request.idempotency_key {
            Some(key) if self.request.is_write && self.request.repeatable => {
                failure.with_detail("idempotencyKey", key.as_str())
            }
            _ => failure,
        }
    }

    pub(super) fn tell_of_response(&mut self, tried: &Tried, pause: Option<Duration>) {
        let (Some(observe), Some(begun)) = (&self.observe, self.begun.take()) else {
            return;
        };
        let response = passing::Response {
            method: self.request.method.as_str(),
            url: &format!("{}{}{}", self.remote.origin, self.remote.prefix, self.request.target),
            attempt: self.tries,
            status: tried.status,
            request_id: tried.answer.request_id.as_deref(),
            code: tried.answer.outcome.as_ref().err().map(Failure::code),
            duration: begun.elapsed(),
            pause,
        };
        observe(response.to_json());
    }
}

/// A number that no other client has at the same time.
pub(super) fn luck() -> u32 {
    getrandom::u32().unwrap_or_default()
}

/// Whether TLS failed for what the server showed: a repeat would see the same.
fn is_about_trust(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        matches!(
            cause.downcast_ref::<rustls::Error>(),
            Some(rustls::Error::InvalidCertificate(_))
        )
    })
}
