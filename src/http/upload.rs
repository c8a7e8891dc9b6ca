//! Files on their way in: to a temporary file, then to the import.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    http::{
        HeaderMap, HeaderValue, Response,
        header::{ACCEPT, CONTENT_TYPE},
    },
};
use bytes::Bytes;
use hyper::body::Frame;
use tokio::sync::{mpsc, oneshot};

use super::{
    body::{self, Patience, Pieces},
    limits::Taken,
    refused::{Refused, Step, envelope},
};
use crate::{
    domain::id,
    engine::{Answered, Reply, Session, port::Watch},
    error::{Code, Error, Result},
    import::{self, Progress, Upload},
    spreadsheet::Source,
};

/// The types under which files come. What a file is, its bytes tell.
pub(super) const MEDIA_TYPES: [&str; 5] = [
    "text/csv",
    "application/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/octet-stream",
];
/// The answer line by line, progress first.
const NDJSON: &str = "application/x-ndjson";
/// So much is held in memory before it is written.
const CHUNK: usize = 256 * 1024;
/// Lines of progress that wait for a client who reads slowly; further ones
/// are left out.
const LINES: usize = 16;

/// Refuses a body that is no file.
pub(super) fn check_type(headers: &HeaderMap) -> Step<()> {
    let fits = body::media_type(headers).is_some_and(|(media, _)| MEDIA_TYPES.contains(&media.as_str()));
    if fits {
        return Ok(());
    }
    Err(Refused::new(
        Code::ContentTypeUnsupported,
        "the body must be the file itself: send Content-Type: text/csv, application/octet-stream, or the type of the workbook",
    )
    .close())
}

/// Writes a body to a temporary file, which goes when the upload does. What is
/// wrong with one without bytes, the import says.
pub(super) async fn receive(body: Body, limit: u64, folder: &Path, name: u128, patience: Patience) -> Step<Upload> {
    let mut pieces = Pieces::new(body, limit, patience)?;
    let path = folder.join(format!("proyecta-{}.upload", id::encode(name)));
    let mut file = Receiving::start(path).await?;
    let mut waiting = Vec::new();
    while let Some(piece) = pieces.next().await? {
        waiting.extend_from_slice(&piece);
        if waiting.len() >= CHUNK {
            file = file.write(std::mem::take(&mut waiting)).await?;
        }
    }
    file = file.write(waiting).await?;
    Ok(file.upload)
}

struct Receiving {
    file: File,
    upload: Upload,
}

impl Receiving {
    async fn start(path: PathBuf) -> Step<Self> {
        on_disk(move || {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(&path)?;
            let upload = Upload {
                source: Source::Path(path.clone()),
                temporary: Some(path),
            };
            Ok(Self { file, upload })
        })
        .await
    }

    async fn write(mut self, bytes: Vec<u8>) -> Step<Self> {
        on_disk(move || {
            self.file.write_all(&bytes)?;
            Ok(self)
        })
        .await
    }
}

/// Runs what waits for the disk where waiting is allowed.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Step<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::StorageFull => {
            Err(Refused::new(Code::DatabaseFull, "the server's disk has no room for the file").close())
        }
        Ok(Err(error)) => Err(Error::internal(format!("the file cannot be kept for reading: {}", error.kind())).into()),
        Err(_) => Err(Error::internal("the file cannot be kept for reading").into()),
    }
}

/// Whether the client wants to be told how far its import is.
pub(super) fn wants_progress(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.to_ascii_lowercase().contains(NDJSON))
}

/// Runs the import and waits for its report.
pub(super) async fn import(session: &Arc<Session>, upload: Upload, input: &str) -> Result<Answered> {
    let (send, receive) = oneshot::channel();
    let reply = Reply::new(move |outcome| drop(send.send(outcome)));
    import::import(session, upload, input, Arc::<Watch>::default(), Box::new(drop), reply);
    receive
        .await
        .unwrap_or_else(|_| Err(Error::internal("an import was never answered")))
}

/// Starts the import; its progress and report come as lines. `taken` is held
/// until the last one.
pub(super) fn import_by_lines(
    session: &Arc<Session>,
    upload: Upload,
    input: &str,
    request_id: String,
    taken: Vec<Taken>,
) -> Response<Body> {
    let (told, progress) = mpsc::channel::<String>(LINES);
    let (send, result) = oneshot::channel();
    let tell: Progress = Box::new(move |json| drop(told.try_send(format!("{{\"progress\":{json}}}\n"))));
    let reply = Reply::new(move |outcome: Result<Answered>| {
        let last = match outcome {
            Ok(answered) => format!("{{\"result\":{}}}\n", answered.json().unwrap_or_default()),
            Err(error) => format!("{}\n", envelope(&error, &request_id)),
        };
        drop(send.send(last));
    });
    import::import(session, upload, input, Arc::<Watch>::default(), tell, reply);
    let lines = Lines {
        progress,
        result: Some(result),
        _taken: taken,
    };
    let mut response = Response::new(Body::new(lines));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    response
}

/// A body of lines: progress until there is no more, then the result.
struct Lines {
    progress: mpsc::Receiver<String>,
    result: Option<oneshot::Receiver<String>>,
    _taken: Vec<Taken>,
}

impl HttpBody for Lines {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Self::Error>>> {
        let frame = |line: String| Poll::Ready(Some(Ok(Frame::data(Bytes::from(line)))));
        if let Poll::Ready(Some(line)) = self.progress.poll_recv(cx) {
            return frame(line);
        }
        let Some(result) = &mut self.result else {
            return Poll::Ready(None);
        };
        match Pin::new(result).poll(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(last) => {
                self.result = None;
                last.map_or(Poll::Ready(None), frame)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.result.is_none()
    }
}
