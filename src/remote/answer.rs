//! Reading what a server answered.

use bytes::{Bytes, BytesMut};
use reqwest::{
    Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderValue, LOCATION},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    failure::{self, Failure},
    request::{Body, Request},
    upload::File,
};
use crate::engine::Answered;

/// Longer answers are none of ours.
const LENGTH_MAX: usize = 64 * 1024 * 1024;
/// How an error begins; no answer does.
const ERROR: &str = "{\"error\":";

/// What an answer is.
pub(super) enum Received {
    /// What was asked for.
    Answered(Answered),
    /// An error of a Proyecta server.
    Refused(Failure),
    /// Something that no Proyecta server says.
    Foreign(Failure),
}

/// One line of an import's answer.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    progress: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// Reads a whole answer; fails when the connection breaks before its end.
pub(super) async fn receive(mut response: Response, request: &Request, request_id: &str) -> reqwest::Result<Received> {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).cloned();
    let foreign = |what: &str| {
        let message = format!(
            "what answered is no Proyecta server ({what}): check baseUrl, and what stands between: a proxy may answer with a page of its own"
        );
        Received::Foreign(failure::answer_invalid(message, status, request_id))
    };
    if status.is_redirection() {
        return Ok(foreign(&redirected(&response)));
    }
    if let (Body::File(file), true, Some("application/x-ndjson")) =
        (&request.body, status.is_success(), media_type(kind.as_ref()))
    {
        return lines(response, file, request_id)
            .await
            .map(|received| received.unwrap_or_else(|| foreign("its report of an import cannot be read")));
    }
    let Some(body) = whole(&mut response).await? else {
        return Ok(foreign("its answer has no end"));
    };
    let media = media_type(kind.as_ref()).unwrap_or("no content type");
    let is_json = media == "application/json" || media.ends_with("+json");
    if !status.is_success() {
        let refused = Failure::from_body(&body, status, request_id).filter(|_| is_json);
        return Ok(refused.map_or_else(
            || foreign(&format!("status {}, {media}", status.as_u16())),
            Received::Refused,
        ));
    }
    if request.gives_file {
        let is_file = !is_json && !media.starts_with("text/") && !body.is_empty();
        return Ok(if is_file {
            Received::Answered(Answered::File(body.into()))
        } else {
            foreign(&format!("{media} instead of a file"))
        });
    }
    let json = String::from_utf8(body.into())
        .ok()
        .filter(|text| is_json && is_object(text));
    Ok(json.map_or_else(
        || foreign(&format!("status {}, {media}", status.as_u16())),
        |json| Received::Answered(Answered::Json(json)),
    ))
}

/// Looks at the ends only: whoever takes the object parses it.
fn is_object(text: &str) -> bool {
    let text = text.trim_ascii();
    text.starts_with('{') && text.ends_with('}') && !text.starts_with(ERROR)
}

/// The content type without parameters.
pub(super) fn media_type(header: Option<&HeaderValue>) -> Option<&str> {
    let text = header?.to_str().ok()?;
    Some(text.split(';').next().unwrap_or(text).trim())
}

/// Where a redirect leads, without path and query, which may be anybody's.
fn redirected(response: &Response) -> String {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| response.url().join(location).ok());
    let origin = |url: Url| url.origin().ascii_serialization();
    match target.map(origin) {
        Some(origin) => {
            format!("it sends to another address at {origin}, which is not followed: the API key is for baseUrl alone")
        }
        None => format!("status {}", response.status().as_u16()),
    }
}

/// The body; `None` when it is longer than any answer of ours.
async fn whole(response: &mut Response) -> reqwest::Result<Option<Bytes>> {
    let Some(first) = response.chunk().await? else {
        return Ok(Some(Bytes::new()));
    };
    // Most answers come in one piece, and stay where they are.
    let Some(second) = response.chunk().await? else {
        return Ok(Some(first));
    };
    let mut body = BytesMut::from(first);
    body.extend_from_slice(&second);
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LENGTH_MAX {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}

/// An import's answer: progress line by line, and the report as the last one.
/// `None` when a line is none of ours.
async fn lines(mut response: Response, file: &File, request_id: &str) -> reqwest::Result<Option<Received>> {
    let mut rest = BytesMut::new();
    loop {
        let chunk = response.chunk().await?;
        let ended = chunk.is_none();
        rest.extend_from_slice(&chunk.unwrap_or_default());
        while let Some(end) = line_end(&rest, ended) {
            let line = rest.split_to(end);
            if line.trim_ascii().is_empty() {
                continue;
            }
            match read_line(&line, file, request_id) {
                None => return Ok(None),
                Some(None) => {}
                Some(received) => return Ok(received),
            }
        }
        if ended || rest.len() > LENGTH_MAX {
            return Ok(None);
        }
    }
}

/// Where the first line ends; what stands last need not have an end of its own.
fn line_end(text: &[u8], ended: bool) -> Option<usize> {
    let end = text.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
    end.or((ended && !text.is_empty()).then_some(text.len()))
}

/// What a line says: nothing yet when it tells of progress.
fn read_line(line: &[u8], file: &File, request_id: &str) -> Option<Option<Received>> {
    let said: Line<'_> = serde_json::from_slice(line).ok()?;
    if let Some(progress) = said.progress {
        file.progress(progress.get().to_owned());
        return Some(None);
    }
    if let Some(result) = said.result {
        return Some(Some(Received::Answered(Answered::Json(result.get().to_owned()))));
    }
    said.error?;
    // The status line was written before anything had failed.
    let failure = Failure::from_body(line, StatusCode::OK, request_id)?;
    Some(Some(Received::Refused(failure.with_own_status())))
}
