//! A server that answers every request with the same JSON: what axum can do
//! at most, and the other end for measuring clients.
//!
//! `fixed_answer FILE` reads the answer from a file, prints
//! `listening on http://127.0.0.1:PORT`, and ends with its standard input.

use std::{error::Error, io::Write, net::Ipv4Addr};

use axum::{Router, http::header::CONTENT_TYPE, routing::any, serve::ListenerExt};
use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, stdin},
    net::TcpListener,
};

// As many threads as our own server has for connections.
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("which file is the answer?")?;
    let answer = Bytes::from(std::fs::read(file)?);
    let reply = || {
        let answer = answer.clone();
        any(move || async move { ([(CONTENT_TYPE, "application/json")], answer) })
    };
    let router = Router::new()
        .route("/v1/customers/{id}", reply())
        .fallback_service(reply());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    let mut rest = Vec::new();
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        ended = async { stdin().read_to_end(&mut rest).await } => { ended?; }
    }
    Ok(())
}
