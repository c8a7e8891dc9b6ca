//! The bytes of a connection, with three things that hyper does not do: it
//! tells the clock what moves; it gives the answers that hyper makes itself
//! (to what is no request, or has too long a head) the body that every answer
//! has; and it lets a client who is still sending read its answer, for a
//! socket that is closed with bytes unread throws the answer away.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::http::StatusCode;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep, timeout},
};

use super::{App, connection::Pulse};
use crate::error::{Code, Error, Kind};

/// How long what a client goes on sending is thrown away.
const LINGER: Duration = Duration::from_secs(2);
/// How long to wait for the rest of a connection's first bytes.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// So much of it at a time.
const WASTE: usize = 4096;

pub(super) struct Stream {
    socket: TcpStream,
    pulse: Arc<Pulse>,
    app: Arc<App>,
    replacing: Option<Replacing>,
    lingering: Option<Pin<Box<Sleep>>>,
}

/// An answer that goes out in place of another.
struct Replacing {
    bytes: Vec<u8>,
    sent: usize,
    /// The length of the one that does not.
    instead_of: usize,
}

impl Stream {
    pub(super) fn new(socket: TcpStream, pulse: Arc<Pulse>, app: Arc<App>) -> Self {
        Self {
            socket,
            pulse,
            app,
            replacing: None,
            lingering: None,
        }
    }

    /// Waits until there is something to read, or the other end has closed.
    pub(super) async fn readable(&self) -> io::Result<()> {
        self.socket.readable().await
    }

    /// Whether the first bytes are those of HTTP/2, for which a client need
    /// not ask when it knows.
    pub(super) async fn speaks_http2(&self, patience: Duration) -> bool {
        const PREFACE: &[u8; 3] = b"PRI";
        let look = async {
            loop {
                let mut seen = [0; PREFACE.len()];
                let count = self.socket.peek(&mut seen).await.unwrap_or(0);
                if count == 0 || seen[..count] != PREFACE[..count] {
                    return false;
                }
                if count == PREFACE.len() {
                    return true;
                }
                // Bytes that are there do not tell when more of them are.
                sleep(LOOK_AGAIN).await;
            }
        };
        timeout(patience, look).await.unwrap_or(false)
    }

    /// Begins to replace an answer that hyper made.
    fn look_at(&mut self, bytes: &[u8]) {
        if self.replacing.is_some() || !is_bare(bytes) {
            return;
        }
        self.pulse.linger.store(true, Ordering::Relaxed);
        let too_large = bytes.get(9..12).is_some_and(|status| status != b"400");
        let error = if too_large {
            Error::new(
                Code::HeadersTooLarge,
                "the head of the request is too long, or has too many headers",
            )
        } else {
            Error::new(Code::ParameterInvalid, "this is no HTTP request that can be understood")
        };
        self.replacing = Some(Replacing {
            bytes: bare_answer(&self.app, &error),
            sent: 0,
            instead_of: bytes.len(),
        });
    }

    fn poll_replacement(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<usize>>> {
        while let Some(replacing) = &mut self.replacing {
            let rest = replacing.bytes.get(replacing.sent..).unwrap_or_default();
            if rest.is_empty() {
                let written = replacing.instead_of;
                self.replacing = None;
                return Poll::Ready(Some(Ok(written)));
            }
            match ready!(Pin::new(&mut self.socket).poll_write(cx, rest)) {
                Ok(0) => return Poll::Ready(Some(Err(io::ErrorKind::WriteZero.into()))),
                Ok(sent) => replacing.sent += sent,
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        Poll::Ready(None)
    }
}

/// Whether this is an answer of hyper's own: ours have a name.
fn is_bare(bytes: &[u8]) -> bool {
    const NAME: &[u8] = b"\r\nrequest-id: ";
    bytes.starts_with(b"HTTP/1.1 4")
        && bytes.ends_with(b"\r\n\r\n")
        && !bytes.windows(NAME.len()).any(|part| part == NAME)
}

/// A whole answer to what never became a request; the connection ends with it.
pub(super) fn bare_answer(app: &App, error: &Error) -> Vec<u8> {
    let status = StatusCode::from_u16(error.code().status()).unwrap_or(StatusCode::BAD_REQUEST);
    let (headers, body) = app.refuse(error);
    let mut answer = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    )
    .into_bytes();
    if error.code().kind() == Kind::Unavailable {
        answer.extend_from_slice(b"retry-after: 1\r\n");
    }
    for (name, value) in &headers {
        answer.extend_from_slice(name.as_str().as_bytes());
        answer.extend_from_slice(b": ");
        answer.extend_from_slice(value.as_bytes());
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"\r\n");
    answer.extend_from_slice(body.as_bytes());
    answer
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buffer))?;
        let read = buffer.filled().get(before..).unwrap_or_default();
        if !read.is_empty() {
            self.pulse.read();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.look_at(bytes);
        if let Some(written) = ready!(self.poll_replacement(cx)) {
            return Poll::Ready(written);
        }
        let written = ready!(Pin::new(&mut self.socket).poll_write(cx, bytes));
        self.pulse.wrote();
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [first, ..] = parts {
            self.look_at(first);
        }
        if let Some(written) = ready!(self.poll_replacement(cx)) {
            return Poll::Ready(written);
        }
        let written = ready!(Pin::new(&mut self.socket).poll_write_vectored(cx, parts));
        self.pulse.wrote();
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.socket).poll_shutdown(cx))?;
            if !self.pulse.linger.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
            self.lingering = Some(Box::pin(sleep(LINGER)));
        }
        if let Some(end) = &mut self.lingering
            && end.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Ok(()));
        }
        loop {
            let mut waste = [0; WASTE];
            let mut buffer = ReadBuf::new(&mut waste);
            let read = ready!(Pin::new(&mut self.socket).poll_read(cx, &mut buffer));
            if read.is_err() || buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
