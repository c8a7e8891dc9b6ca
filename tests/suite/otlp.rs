//! The plain binary tells an OpenTelemetry collector about its requests.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc,
};

const KEY: &str = "sk_test_0123456789abcdef01234567";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

/// Takes what is posted, and answers that all is well.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            while let Some(posted) = request(&mut reader) {
                if send.send(posted).is_err() {
                    return;
                }
                reader
                    .get_mut()
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n")
                    .unwrap();
            }
        }
    });
    (address, receive)
}

/// The first line of a request, and its body.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first.trim_end().to_owned(), body))
}

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(collector: &str, folder: &tempfile::TempDir) -> (Serving, String) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_proyecta"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database",
            "a.db",
            "--log-level",
            "off",
        ])
        .current_dir(folder.path())
        .env("PROYECTA_API_KEY", KEY)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").unwrap().to_owned();
    (Serving(process), address)
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_request_becomes_a_span_of_its_caller() {
    let (address, posted) = collector();
    let folder = tempfile::tempdir().unwrap();
    let (mut server, at) = serve(&address, &folder);
    let mut stream = TcpStream::connect(&at).unwrap();
    write!(
        stream,
        "GET /v1/customers?query=secret-name HTTP/1.1\r\nhost: {at}\r\nauthorization: Bearer {KEY}\r\n\
         traceparent: 00-{TRACE}-{SPAN}-01\r\nrequest-id: req_of_the_test\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // What was not sent yet is sent at the end.
    let terminated = Command::new("kill").arg(server.0.id().to_string()).status().unwrap();
    assert!(terminated.success());
    assert!(server.0.wait().unwrap().success());
    let (first, body) = posted.recv().unwrap();
    assert_eq!(first, "POST /v1/traces HTTP/1.1");
    for told in [
        "GET /v1/customers",
        "http.route",
        "req_of_the_test",
        "service.name",
        "proyecta",
    ] {
        assert!(holds(&body, told.as_bytes()), "{told}");
    }
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len() / 2)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
            .collect()
    };
    assert!(holds(&body, &bytes(TRACE)) && holds(&body, &bytes(SPAN)));
    for secret in ["secret-name", KEY] {
        assert!(!holds(&body, secret.as_bytes()), "{secret}");
    }
}
