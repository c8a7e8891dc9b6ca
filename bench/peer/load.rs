//! Sends requests over connections that stay open, each with one request
//! unanswered at a time, and tells how long the answers took. It reads of an
//! answer only what says where it ends, so that it leaves the processor to
//! the server.
//!
//! ```text
//! load ADDRESS REQUESTS KEY CONNECTIONS seconds 2.5    as many as fit, from the first one again
//! load ADDRESS REQUESTS KEY CONNECTIONS once           each request once
//! load ADDRESS REQUESTS KEY CONNECTIONS idle           one on each connection, which then stays open
//!                                                      until standard input ends
//! ```
//!
//! REQUESTS is a file with lines `GET /path` or `POST /path {"json":…}`. One line of JSON comes out.

use std::{
    error::Error,
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    time::timeout,
};

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Whoever has no answer after so long gets none.
const PATIENCE: Duration = Duration::from_secs(60);
/// Connections that are opened at the same time, and that ask at the same time before they stay idle.
const OPENING: usize = 64;

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    For(Duration),
    Once,
    Idle,
}

struct Plan {
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    mode: Mode,
    next: AtomicUsize,
    /// One for each connection that may work.
    turns: Semaphore,
}

/// What one connection saw: nanoseconds of every answer, and how many were no success.
#[derive(Default)]
struct Seen {
    took: Vec<u64>,
    failed: usize,
    last: String,
}

fn main() -> Fallible<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [address, file, key, connections, mode, rest @ ..] = given.as_slice() else {
        return Err("load ADDRESS REQUESTS KEY CONNECTIONS seconds N | once | idle".into());
    };
    let connections: usize = connections.parse()?;
    let mode = match (mode.as_str(), rest) {
        ("seconds", [seconds]) => Mode::For(Duration::from_secs_f64(seconds.parse()?)),
        ("once", []) => Mode::Once,
        ("idle", []) => Mode::Idle,
        _ => return Err("the mode is seconds N, once or idle".into()),
    };
    let plan = Plan {
        address: address.parse()?,
        requests: requests(&std::fs::read_to_string(file)?, address, key)?,
        mode,
        turns: Semaphore::new(if mode == Mode::Idle { OPENING } else { connections }),
        next: AtomicUsize::new(0),
    };
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run(plan, connections))
}

fn requests(lines: &str, host: &str, key: &str) -> Fallible<Vec<Vec<u8>>> {
    let mut requests = Vec::new();
    for line in lines.lines() {
        let mut parts = line.splitn(3, ' ');
        let (method, path) = (
            parts.next().unwrap_or_default(),
            parts.next().ok_or("a line without a path")?,
        );
        let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n");
        if let Some(body) = parts.next() {
            write!(
                text,
                "content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )?;
        } else {
            text.push_str("\r\n");
        }
        requests.push(text.into_bytes());
    }
    if requests.is_empty() {
        return Err("there are no requests".into());
    }
    Ok(requests)
}

async fn run(plan: Plan, connections: usize) -> Fallible<()> {
    let plan = Arc::new(plan);
    let mut open = Vec::with_capacity(connections);
    while open.len() < connections {
        let some = OPENING.min(connections - open.len());
        let opening: Vec<_> = (0..some).map(|_| tokio::spawn(connect(plan.address))).collect();
        for one in opening {
            open.push(one.await??);
        }
    }
    let begun = Instant::now();
    let working: Vec<_> = open
        .into_iter()
        .map(|stream| tokio::spawn(work(stream, Arc::clone(&plan), begun)))
        .collect();
    let mut all = Seen::default();
    let mut held = Vec::new();
    for one in working {
        let (seen, stream) = one.await??;
        all.took.extend(seen.took);
        all.failed += seen.failed;
        if seen.failed > 0 {
            all.last = seen.last;
        }
        if plan.mode == Mode::Idle {
            held.push(stream);
        }
    }
    report(&mut all, begun.elapsed())?;
    if plan.mode == Mode::Idle {
        std::io::stdin().read_to_end(&mut Vec::new())?;
    }
    drop(held);
    Ok(())
}

async fn connect(address: SocketAddr) -> Fallible<TcpStream> {
    let stream = timeout(PATIENCE, TcpStream::connect(address)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn work(mut stream: TcpStream, plan: Arc<Plan>, begun: Instant) -> Fallible<(Seen, TcpStream)> {
    let _turn = plan.turns.acquire().await?;
    let mut seen = Seen::default();
    let mut buffer = Vec::with_capacity(32 * 1024);
    loop {
        let turn = plan.next.fetch_add(1, Ordering::Relaxed);
        let over = match plan.mode {
            Mode::For(time) => begun.elapsed() >= time,
            Mode::Once => turn >= plan.requests.len(),
            Mode::Idle => !seen.took.is_empty(),
        };
        if over {
            return Ok((seen, stream));
        }
        let request = &plan.requests[turn % plan.requests.len()];
        let sent = Instant::now();
        stream.write_all(request).await?;
        let status = timeout(PATIENCE, answer(&mut stream, &mut buffer)).await??;
        seen.took.push(u64::try_from(sent.elapsed().as_nanos())?);
        if !(200..300).contains(&status) {
            seen.failed += 1;
            seen.last = String::from_utf8_lossy(&buffer).into_owned();
        }
    }
}

/// Reads one answer into the buffer; gives its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Fallible<u16> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed a connection instead of answering".into());
        }
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end])?;
        let status = head.get(9..12).ok_or("no status")?.parse()?;
        let whole = end + 4 + length(head)?;
        while buffer.len() < whole {
            if stream.read_buf(buffer).await? == 0 {
                return Err("the server closed a connection inside an answer".into());
            }
        }
        return Ok(status);
    }
}

fn length(head: &str) -> Fallible<usize> {
    const NAME: &str = "content-length:";
    for line in head.split("\r\n") {
        if line
            .get(..NAME.len())
            .is_some_and(|name| name.eq_ignore_ascii_case(NAME))
        {
            return Ok(line[NAME.len()..].trim().parse()?);
        }
    }
    Err("an answer without content-length".into())
}

fn report(seen: &mut Seen, took: Duration) -> Fallible<()> {
    seen.took.sort_unstable();
    let milliseconds = |share: f64| {
        let at = (seen.took.len() as f64 * share) as usize;
        seen.took
            .get(at.min(seen.took.len().saturating_sub(1)))
            .map(|nanos| *nanos as f64 / 1e6)
    };
    let mut out = std::io::stdout();
    let line = json!({
        "requests": seen.took.len(),
        "seconds": took.as_secs_f64(),
        "failed": seen.failed,
        "lastFailure": seen.last,
        "p50": milliseconds(0.5),
        "p99": milliseconds(0.99),
        "max": milliseconds(1.0),
    });
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
