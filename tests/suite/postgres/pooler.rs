//! PgBouncer in transaction mode between the engine and the server: every
//! transaction may get another connection.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use proyecta::{ops::Op, testing::Running};
use serde_json::json;
use tempfile::TempDir;
use tokio_postgres::config::Host;

use crate::suite::place::{Schema, servers};

struct PgBouncer {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl PgBouncer {
    /// Two server connections for all clients, so that they are shared.
    fn start(server: &str) -> Self {
        let config: tokio_postgres::Config = server.parse().unwrap();
        let host = match &config.get_hosts()[0] {
            Host::Tcp(host) => host.clone(),
            other => panic!("a TCP address is needed: {other:?}"),
        };
        let password = config
            .get_password()
            .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let users = folder.path().join("users.txt");
        fs::write(
            &users,
            format!(
                "\"{}\" \"{}\"\n",
                config.get_user().unwrap(),
                password.clone().unwrap_or_default()
            ),
        )
        .unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = format!(
            "[databases]\n* = host={host} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\nauth_file = {}\npool_mode = transaction\ndefault_pool_size = 2\n\
             max_client_conn = 200\n",
            config.get_ports()[0],
            users.display()
        );
        // `any` logs everybody in as one user, who must be named per database.
        let settings = settings.replace(
            &format!("port={}", config.get_ports()[0]),
            &format!(
                "port={} user={}{}",
                config.get_ports()[0],
                config.get_user().unwrap(),
                password.map_or_else(String::new, |password| format!(" password={password}"))
            ),
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, settings).unwrap();
        let process = command(&folder)
            .arg(&file)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("pgbouncer is installed (Debian: apt install pgbouncer)");
        let mut started = Self {
            process,
            port,
            _folder: folder,
        };
        started.wait();
        started
    }

    fn wait(&mut self) {
        let until = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if let Some(status) = self.process.try_wait().unwrap() {
                let said: Vec<String> = BufReader::new(self.process.stderr.take().unwrap())
                    .lines()
                    .map_while(Result::ok)
                    .collect();
                panic!("pgbouncer ended: {status} {said:?}");
            }
            assert!(Instant::now() < until, "pgbouncer does not listen");
            std::thread::yield_now();
        }
    }
}

/// It refuses to run as root.
fn command(folder: &TempDir) -> Command {
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !root {
        return Command::new("pgbouncer");
    }
    std::os::unix::fs::chown(folder.path(), Some(65534), Some(65534)).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "pgbouncer"]);
    command
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_pooler_may_stand_between() {
    for server in servers() {
        let schema = Schema::new(&server);
        let pooler = PgBouncer::start(&server);
        let config: tokio_postgres::Config = server.parse().unwrap();
        let url = format!(
            "postgres://{}@127.0.0.1:{}/{}?sslmode=disable&schema={}",
            config.get_user().unwrap(),
            pooler.port,
            config.get_dbname().unwrap_or("postgres"),
            schema.name
        );
        let engines: Vec<Running> = (0..3).map(|_| Running::start_on(&url)).collect();
        let calls: Vec<_> = (0..600)
            .map(|n| {
                let input = json!({ "email": format!("u{}@example.com", n % 200), "name": "김 길동" });
                engines[n % 3].begin(Op::CustomersCreate, &input, Some(&format!("key-{n}")))
            })
            .collect();
        for call in calls {
            call.recv().unwrap().unwrap();
        }
        let page = engines[0]
            .call(Op::CustomersList, &json!({ "query": "길동", "expand": ["total"] }))
            .unwrap();
        assert_eq!(page["total"], 200);
        let events = engines[1].call(Op::EventsList, &json!({ "limit": 100 })).unwrap();
        assert_eq!(events["data"].as_array().unwrap().len(), 100);
    }
}
