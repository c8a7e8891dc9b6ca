//! What `sslmode` says is what happens, on a server with a certificate of our
//! own making.

use std::fs;

use proyecta::{engine::SessionOptions, error::Code, testing::Running};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use crate::suite::place::{Raw, Schema, servers};

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: std::path::PathBuf,
}

impl Authority {
    fn new(folder: &TempDir, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = folder.path().join(name);
        fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    /// Gives the server a certificate for a host, and turns TLS on.
    fn equip(&self, raw: &Raw, host: &str) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![host.to_owned()])
            .unwrap()
            .signed_by(&key, &self.issuer)
            .unwrap();
        for (file, text) in [("test.crt", certificate.pem()), ("test.key", key.serialize_pem())] {
            // The server writes its own files, readable for itself alone.
            let lines: Vec<String> = text.lines().map(|line| format!("('{line}')")).collect();
            raw.run(&format!(
                "copy (select line from (values {}) as pem(line)) to program 'umask 077; cat > {file}'",
                lines.join(", ")
            ));
        }
        for setting in ["ssl_cert_file = 'test.crt'", "ssl_key_file = 'test.key'", "ssl = on"] {
            raw.run(&format!("alter system set {setting}"));
        }
        raw.run("select pg_reload_conf()");
    }
}

fn outcome(schema: &Schema, parameters: &str) -> Result<(), Code> {
    // A name, so that there is one to be verified.
    let url = schema.url_with(parameters).replace("@127.0.0.1:", "@localhost:");
    Running::try_start_on(&url, SessionOptions::default())
        .map(Running::close)
        .map_err(|error| error.code())
}

/// Whether the engine's connections use TLS now.
fn encrypted(schema: &Schema, parameters: &str) -> Vec<String> {
    let running = Running::start_on(&schema.url_with(&format!("{parameters}&application_name=tls")));
    let seen = schema.connect().texts(
        "select ssl::text from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'tls' \
         order by backend_start desc limit 1",
    );
    running.close();
    seen
}

#[test]
fn sslmode_is_kept() {
    for server in servers() {
        let schema = Schema::new(&server);
        let raw = schema.connect();
        let folder = tempfile::tempdir().unwrap();
        let ours = Authority::new(&folder, "ours.pem");
        let others = Authority::new(&folder, "others.pem");
        ours.equip(&raw, "localhost");
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while encrypted(&schema, "&sslmode=prefer") != ["true"] {
            assert!(std::time::Instant::now() < until, "the server turns TLS on");
        }
        assert_eq!(encrypted(&schema, "&sslmode=disable"), ["false"]);
        assert_eq!(encrypted(&schema, "&sslmode=require"), ["true"]);
        let with = |mode: &str, roots: &Authority| {
            outcome(
                &schema,
                &format!("&sslmode={mode}&sslrootcert={}", roots.file.display()),
            )
        };
        assert_eq!(with("verify-full", &ours), Ok(()));
        assert_eq!(with("verify-ca", &ours), Ok(()));
        assert_eq!(with("require", &ours), Ok(()));
        assert_eq!(with("verify-full", &others), Err(Code::DatabaseUnreachable));
        assert_eq!(with("verify-ca", &others), Err(Code::DatabaseUnreachable));
        assert_eq!(with("require", &others), Err(Code::DatabaseUnreachable));
        assert_eq!(outcome(&schema, "&sslmode=verify-full"), Err(Code::DatabaseUnreachable));
        assert_eq!(outcome(&schema, "&sslmode=verify-ca"), Err(Code::ConfigurationInvalid));
        // Another host's certificate, by somebody trusted.
        ours.equip(&raw, "elsewhere.example");
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while with("verify-full", &ours).is_ok() {
            assert!(
                std::time::Instant::now() < until,
                "the server takes its new certificate"
            );
        }
        assert_eq!(with("verify-full", &ours), Err(Code::DatabaseUnreachable));
        assert_eq!(with("verify-ca", &ours), Ok(()));
        for setting in ["ssl", "ssl_cert_file", "ssl_key_file"] {
            raw.run(&format!("alter system reset {setting}"));
        }
        raw.run("select pg_reload_conf()");
    }
}
