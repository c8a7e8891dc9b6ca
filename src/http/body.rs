//! Reading bodies: never more than allowed, never longer than allowed.

use std::time::Duration;

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, header::CONTENT_TYPE},
};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use super::refused::{Refused, Step};
use crate::error::Code;

/// How long a body may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Without anything coming.
    pub(super) pause: Duration,
    /// Altogether.
    pub(super) whole: Duration,
}

/// A body that is read piece by piece.
pub(super) struct Pieces {
    body: Body,
    left: u64,
    limit: u64,
    pause: Duration,
    end: Instant,
}

impl Pieces {
    /// Refuses a body that announces too much before any of it is read.
    pub(super) fn new(body: Body, limit: u64, patience: Patience) -> Step<Self> {
        if body.size_hint().lower() > limit {
            return Err(too_large(limit));
        }
        Ok(Self {
            body,
            left: limit,
            limit,
            pause: patience.pause,
            end: Instant::now() + patience.whole,
        })
    }

    /// The next piece; `None` at the end.
    pub(super) async fn next(&mut self) -> Step<Option<Bytes>> {
        loop {
            let until = self.end.min(Instant::now() + self.pause);
            let frame = match timeout_at(until, self.body.frame()).await {
                Err(_) => return Err(broken("it comes too slowly")),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(broken("it stopped half-way")),
                Ok(Some(Ok(frame))) => frame,
            };
            // Trailers say nothing to us.
            let Ok(piece) = frame.into_data() else { continue };
            self.left = match self.left.checked_sub(piece.len() as u64) {
                Some(left) => left,
                None => return Err(too_large(self.limit)),
            };
            return Ok(Some(piece));
        }
    }

    fn is_end(&self) -> bool {
        self.body.is_end_stream()
    }
}

/// The whole body.
pub(super) async fn whole(body: Body, limit: usize, patience: Patience) -> Step<Bytes> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let mut pieces = Pieces::new(body, limit as u64, patience)?;
    let Some(first) = pieces.next().await? else {
        return Ok(Bytes::new());
    };
    if pieces.is_end() {
        return Ok(first);
    }
    let mut all = BytesMut::from(first);
    while let Some(piece) = pieces.next().await? {
        all.extend_from_slice(&piece);
    }
    Ok(all.freeze())
}

fn too_large(limit: u64) -> Refused {
    Refused::new(
        Code::BodyTooLarge,
        format!("the body is larger than {limit} bytes, which is all this takes"),
    )
    .close()
}

fn broken(how: &str) -> Refused {
    Refused::new(Code::BodyInvalid, format!("the body is not complete: {how}")).close()
}

/// The media type of a body, lower case, and its charset.
pub(super) fn media_type(headers: &HeaderMap) -> Option<(String, Option<String>)> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?.to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_owned();
    let charset = parts
        .filter_map(|part| part.split_once('='))
        .find(|(name, _)| name.trim() == "charset")
        .map(|(_, value)| value.trim().trim_matches('"').to_owned());
    Some((media, charset))
}

/// Refuses a JSON body that calls itself something else.
pub(super) fn check_json(headers: &HeaderMap) -> Step<()> {
    let fits = media_type(headers).is_some_and(|(media, charset)| {
        let json = media == "application/json"
            || media
                .strip_prefix("application/")
                .is_some_and(|rest| rest.ends_with("+json"));
        json && charset.is_none_or(|charset| charset == "utf-8" || charset == "utf8")
    });
    if fits {
        return Ok(());
    }
    Err(Refused::new(
        Code::ContentTypeUnsupported,
        "the body must be JSON in UTF-8: send Content-Type: application/json",
    )
    .close())
}

/// A JSON body as text; without one it is empty.
pub(super) async fn json(headers: &HeaderMap, body: Body, limit: usize, patience: Patience) -> Step<String> {
    if body.size_hint().lower() > 0 {
        check_json(headers)?;
    }
    let bytes = whole(body, limit, patience).await?;
    if bytes.is_empty() {
        return Ok("{}".to_owned());
    }
    check_json(headers)?;
    String::from_utf8(bytes.into()).map_err(|_| Refused::new(Code::BodyInvalid, "the body must be JSON in UTF-8"))
}

/// Refuses a body where none is taken.
pub(super) async fn none(body: Body, patience: Patience) -> Step<()> {
    if body.is_end_stream() {
        return Ok(());
    }
    match whole(body, 0, patience).await {
        Ok(_) => Ok(()),
        Err(refused) if refused.error().code() == Code::BodyTooLarge => Err(Refused::new(
            Code::BodyInvalid,
            "this takes no body: its parameters go into the path and the query string",
        )
        .close()),
        Err(refused) => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn json_in_utf_8_passes_and_nothing_else() {
        let check = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            check_json(&headers).is_ok()
        };
        for good in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
            "application/merge-patch+json",
        ] {
            assert!(check(good), "{good}");
        }
        for bad in [
            "text/plain",
            "application/json; charset=euc-kr",
            "text/json",
            "application/x-www-form-urlencoded",
            "",
            "json",
            "application/json5",
        ] {
            assert!(!check(bad), "{bad}");
        }
        assert!(check_json(&HeaderMap::new()).is_err());
    }
}
