//! `proyecta serve`

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use tokio::runtime::{Builder, Runtime};

use super::{
    args::Serve,
    database::{mode, variable, wait},
    failure::{Failure, Outcome},
    logs,
    place::Place,
    signals::{Host, Signals},
    terminal::Terminal,
};
use crate::{
    engine::{
        Engine, Session, SessionOptions, Worker,
        admin::{NewKey, NewStore},
    },
    error::{Code, Error, Result},
    http::{App, Options, Server, ServerOptions},
    start,
};

/// Threads that drive connections.
const IO_THREADS: usize = 2;
/// Threads for what waits: reads, imports. They start when needed, and go
/// when idle.
const BLOCKING_THREADS: usize = 16;
/// Enough for every call of ours; what is not touched costs no memory.
const STACK_BYTES: usize = 1 << 20;
/// How long threads that still wait for something may take at the very end.
const LAST_WAIT: Duration = Duration::from_millis(500);

/// Answers requests until SIGTERM or SIGINT.
pub fn serve(terminal: &Terminal, host: Host, place: &Place, options: &Serve) -> Outcome {
    let log = logs::start(options.log_format, options.log_level)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(IO_THREADS)
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_stack_size(STACK_BYTES)
        .thread_name("proyecta-io")
        .enable_all()
        .build()
        .map_err(|_| Error::internal("the operating system gives no threads"))?;
    place.prepare()?;
    let handle = runtime.handle().clone();
    let key = options.encryption_key.as_deref().filter(|key| !key.is_empty());
    let engine = start::engine(&place.database, key, handle.clone(), move || Ok(handle.clone()))?;
    if let Some(url) = options.public_url.as_deref().filter(|url| !url.is_empty()) {
        engine.set_public_url(url, &options.base_path)?;
    }
    let worker = options.worker.then(|| Worker::start(&engine)).transpose()?;
    let outcome = run(terminal, host, &runtime, &engine, options);
    if let Some(worker) = worker {
        let (send, ended) = mpsc::channel();
        worker.end(move || {
            let _ = send.send(());
        });
        let _ = ended.recv();
    }
    // What was answered is on disk in any case; closing tidies the file up.
    if !matches!(outcome, Ok(Ending::AtOnce)) {
        let (send, closed) = mpsc::channel();
        engine.close(Box::new(move || {
            let _ = send.send(());
        }));
        let _ = closed.recv();
    }
    runtime.shutdown_timeout(LAST_WAIT);
    log.end();
    match outcome? {
        Ending::Gracefully => Ok(()),
        Ending::AtOnce => Err(Failure::Said),
    }
}

/// How a server came to its end.
enum Ending {
    /// Everything that it accepted is done, or its time was over.
    Gracefully,
    /// Somebody was in a hurry.
    AtOnce,
}

fn run(terminal: &Terminal, host: Host, runtime: &Runtime, engine: &Arc<Engine>, options: &Serve) -> Outcome<Ending> {
    let key = first_key(terminal, engine, options.api_key.as_deref())?;
    let app = App::new(
        Arc::clone(engine),
        Options {
            base_path: options.base_path.clone(),
            body_limit: options.body_limit,
            cors_origins: options.cors_origin.clone(),
            trusted_proxies: options.trusted_proxy.clone(),
            rate_limit: options.rate_limit,
            ..Options::default()
        },
    );
    let listen = ServerOptions {
        listen: options.listen,
        metrics: options.metrics_listen,
        ..ServerOptions::default()
    };
    runtime.block_on(async {
        let mut signals = Signals::new(host)?;
        let server = Server::start(app, listen).await?;
        let pages = server.page_base(&options.base_path);
        engine.on_first_page(move || Ok(pages.clone()));
        // Made only now, so that no key is lost to a port in use.
        let made = match key {
            FirstKey::Make => Some(make(engine)?),
            FirstKey::Known => None,
        };
        terminal.line(&format!("listening on http://{}", server.address()))?;
        if let Some(key) = made {
            terminal.line(&format!("the first API key, which is shown only now: {key}"))?;
        }
        tracing::info!(
            target: "proyecta::serve",
            address = %server.address(),
            metrics = server.metrics_address().map(tracing::field::display),
            "listening"
        );
        signals.next().await;
        tracing::info!(target: "proyecta::serve", "shutting down: finishing what was accepted");
        tokio::select! {
            () = server.stop(options.shutdown_grace) => Ok(Ending::Gracefully),
            () = signals.next() => {
                tracing::warn!(target: "proyecta::serve", "shutting down at once");
                Ok(Ending::AtOnce)
            }
        }
    })
}

/// Whether a database without any key gets one.
enum FirstKey {
    /// It has one, or has adopted the one given.
    Known,
    /// A person will see it.
    Make,
}

/// Without a key nobody could ask the server anything.
fn first_key(terminal: &Terminal, engine: &Arc<Engine>, given: Option<&str>) -> Result<FirstKey> {
    let given = given.filter(|key| !key.is_empty());
    let has_keys = !wait(|done| engine.list_keys(None, done))?.is_empty();
    match given {
        Some(key) => {
            let options = SessionOptions {
                api_key: Some(key.to_owned()),
                mode: mode()?,
                timezone: variable("PROYECTA_TIMEZONE"),
                currency: variable("PROYECTA_CURRENCY"),
            };
            match wait(|done| Session::open(engine, options, done)) {
                Ok(_) => Ok(FirstKey::Known),
                // The variable may outlive the key that was once adopted.
                Err(error) if has_keys && matches!(error.code(), Code::ApiKeyUnknown | Code::ApiKeyRevoked) => {
                    tracing::warn!(
                        target: "proyecta::serve",
                        "PROYECTA_API_KEY is no usable key of this database, which has others: it is left alone"
                    );
                    Ok(FirstKey::Known)
                }
                Err(error) => Err(error),
            }
        }
        None if has_keys => Ok(FirstKey::Known),
        None if terminal.is_out_terminal => Ok(FirstKey::Make),
        None => Err(Error::new(
            Code::ApiKeyMissing,
            "the database has no API key yet: set PROYECTA_API_KEY to the secret that is to be its first one, or start once in a terminal, where one is made and shown",
        )
        .with_param("apiKey")),
    }
}

fn make(engine: &Arc<Engine>) -> Result<String> {
    if wait(|done| engine.list_stores(done))?.is_empty() {
        let new = NewStore {
            mode: mode()?,
            timezone: variable("PROYECTA_TIMEZONE"),
            currency: variable("PROYECTA_CURRENCY"),
        };
        wait(|done| engine.create_store(new, done))?;
    }
    wait(|done| engine.create_key(NewKey::default(), done)).map(|(key, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Running;

    fn terminal(is_out_terminal: bool) -> Terminal {
        Terminal {
            is_out_terminal,
            is_err_terminal: false,
        }
    }

    fn engine() -> (Runtime, Arc<Engine>) {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let blocking = runtime.handle().clone();
        let engine = start::engine(":memory:", None, blocking, start::own_runtime).expect("an engine");
        (runtime, engine)
    }

    #[test]
    fn an_empty_database_gets_a_key_where_a_person_sees_it() {
        let (_runtime, engine) = engine();
        let refused = first_key(&terminal(false), &engine, None)
            .map(drop)
            .expect_err("no key");
        assert_eq!(refused.code(), Code::ApiKeyMissing);
        assert!(matches!(first_key(&terminal(true), &engine, None), Ok(FirstKey::Make)));
        let key = make(&engine).expect("a key");
        assert!(wait(|done| Session::authenticate(&engine, &key, done)).is_ok());
        // And only the first time.
        assert!(matches!(first_key(&terminal(true), &engine, None), Ok(FirstKey::Known)));
        assert!(matches!(
            first_key(&terminal(false), &engine, None),
            Ok(FirstKey::Known)
        ));
    }

    #[test]
    fn a_store_that_the_sdk_made_without_a_key_adopts_a_test_key_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = crate::store::sqlite::Options::file(folder.path().join("a.db"));
        let running = Running::start(&options);
        let engine = running.session().engine();
        let adopt = |key| first_key(&terminal(false), engine, Some(key)).map(drop);
        assert!(adopt("sk_live_0123456789abcdef").is_err());
        assert!(adopt("sk_test_1").is_ok());
        running.close();
    }
}
