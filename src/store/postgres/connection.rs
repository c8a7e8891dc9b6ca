//! Connecting, TLS, and what PostgreSQL's errors mean to a user.

use std::sync::Arc;

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{
    Client,
    error::{ErrorPosition, SqlState},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::options::{Options, Tls};
use crate::error::{Code, Error, Result};

/// A connection with the runtime that drives it: whoever waits for an answer
/// reads it from the socket, without another thread between.
pub(super) struct Connection {
    pub(super) client: Arc<Client>,
    pub(super) runtime: Runtime,
    pub(super) tls: MakeRustlsConnect,
    /// Whether the server knows NOTIFY; some that speak its language do not,
    /// and would fail the transaction.
    pub(super) notifies: bool,
}

type Socket = tokio_postgres::Connection<
    tokio_postgres::Socket,
    <MakeRustlsConnect as tokio_postgres::tls::MakeTlsConnect<tokio_postgres::Socket>>::Stream,
>;

/// A connection that somebody else drives.
pub(super) fn connect_raw(options: &Options) -> Result<(Runtime, Client, Socket)> {
    let tls = MakeRustlsConnect::new(tls_config(options)?);
    connect_with(options, tls)
}

fn connect_with(options: &Options, tls: MakeRustlsConnect) -> Result<(Runtime, Client, Socket)> {
    let runtime = Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|_| Error::internal("the operating system gives no more event queues"))?;
    let (client, connection) = runtime
        .block_on(options.server.connect(tls))
        .map_err(|error| translate(&error))?;
    Ok((runtime, client, connection))
}

/// Connects. Waits for the network.
pub(super) fn connect(options: &Options) -> Result<Connection> {
    let tls = MakeRustlsConnect::new(tls_config(options)?);
    let (runtime, client, connection) = connect_with(options, tls.clone())?;
    runtime.spawn(async move {
        // What breaks the connection also fails the statement that waits.
        let _ = connection.await;
    });
    let version = runtime
        .block_on(client.query_typed("select version()", &[]))
        .map_err(|error| translate(&error))?;
    let version: &str = version.first().and_then(|row| row.try_get(0).ok()).unwrap_or("");
    let notifies = version.starts_with("PostgreSQL") && !version.contains("-YB-");
    Ok(Connection {
        notifies,
        client: Arc::new(client),
        runtime,
        tls,
    })
}

fn tls_config(options: &Options) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::internal(error.to_string()))?;
    let roots = options.root_certificates.as_ref().map(|path| {
        let mut roots = RootCertStore::empty();
        let certificates = CertificateDer::pem_file_iter(path).map_err(|_| unreadable_roots())?;
        for certificate in certificates {
            let certificate = certificate.map_err(|_| unreadable_roots())?;
            roots.add(certificate).map_err(|_| unreadable_roots())?;
        }
        if roots.is_empty() {
            Err(unreadable_roots())
        } else {
            Ok(Arc::new(roots))
        }
    });
    let roots = roots.transpose()?;
    let signed_by = |roots| {
        WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider))
            .build()
            .map_err(|error| Error::internal(error.to_string()))
    };
    let lenient = |signers| {
        let provider = Arc::clone(&provider);
        builder
            .clone()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Lenient { signers, provider }))
            .with_no_client_auth()
    };
    let config = match (options.tls, roots) {
        (Tls::VerifyFull, Some(roots)) => builder.clone().with_root_certificates(roots).with_no_client_auth(),
        (Tls::VerifyFull, None) => builder
            .clone()
            .with_platform_verifier()
            .map_err(|_| {
                Error::new(
                    Code::ConfigurationInvalid,
                    "this system has no list of trusted certificates: name one by sslrootcert in the PostgreSQL URL",
                )
                .with_param("database")
            })?
            .with_no_client_auth(),
        (Tls::VerifyCa | Tls::Require, Some(roots)) => lenient(Some(signed_by(roots)?)),
        (Tls::VerifyCa, None) => {
            return Err(Error::new(
                Code::ConfigurationInvalid,
                "sslmode=verify-ca in the PostgreSQL URL needs sslrootcert; use verify-full for certificates that the system trusts",
            )
            .with_param("database"));
        }
        (Tls::Disable | Tls::Prefer | Tls::Require, _) => lenient(None),
    };
    Ok(config)
}

fn unreadable_roots() -> Error {
    Error::new(
        Code::ConfigurationInvalid,
        "sslrootcert in the PostgreSQL URL must be a readable PEM file with certificates",
    )
    .with_param("database")
}

/// Looks at less than `verify-full` does: at who signed the certificate but
/// not at the host, or at nothing.
#[derive(Debug)]
struct Lenient {
    /// Who may sign; without it anybody may.
    signers: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        use rustls::CertificateError::{NotValidForName, NotValidForNameContext};
        let Some(signers) = &self.signers else {
            return Ok(ServerCertVerified::assertion());
        };
        match signers.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What an error means to a user. Values never appear: of the server's words
/// only the code, and names of tables and constraints, are passed on.
pub(super) fn translate(error: &tokio_postgres::Error) -> Error {
    let Some(said) = error.as_db_error() else {
        if error.is_closed() || has_io_cause(error) {
            return unreachable_server();
        }
        return Error::new(
            Code::DatabaseUnreachable,
            "the PostgreSQL connection cannot be made: check user, password and TLS settings in the URL",
        );
    };
    let code = said.code();
    let text = code.code();
    if *code == SqlState::DISK_FULL {
        return Error::new(
            Code::DatabaseFull,
            "the disk of the PostgreSQL server has no room left; nothing was changed: make room and try again",
        );
    }
    match text {
        "25006" => Error::new(
            Code::DatabaseReadOnly,
            "the PostgreSQL server is read-only, as a standby is: name the primary in `database`",
        ),
        "42501" => Error::new(
            Code::DatabaseReadOnly,
            "the PostgreSQL user lacks a permission: it must own the schema's tables, or be allowed to make the schema",
        ),
        "40001" | "40P01" | "23505" => write_conflict(),
        "55P03" => locked(),
        "57014" => Error::new(
            Code::Timeout,
            "the PostgreSQL server gave a statement up after statement_timeout; nothing was changed",
        ),
        "53300" => Error::new(
            Code::DatabaseUnreachable,
            "the PostgreSQL server has no connection left: raise its max_connections, or lower pool_size in the URL",
        ),
        "3D000" => Error::new(
            Code::DatabaseUnreachable,
            "the PostgreSQL server has no database of that name: create it, or correct the URL",
        ),
        _ if text.starts_with("28") => Error::new(
            Code::DatabaseUnreachable,
            format!(
                "the PostgreSQL server refused the login ({text}): check user and password in the URL, and its pg_hba.conf"
            ),
        ),
        "57P01" | "57P02" | "57P03" => unreachable_server(),
        _ if text.starts_with("08") => unreachable_server(),
        _ => {
            let table = said.table().or(said.constraint()).unwrap_or("none named");
            let place = match said.position() {
                Some(ErrorPosition::Original(at)) => format!(", position {at}"),
                _ => String::new(),
            };
            Error::new(
                Code::DatabaseError,
                format!("the PostgreSQL server answered with {text} (table: {table}{place})"),
            )
        }
    }
}

fn has_io_cause(error: &tokio_postgres::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<std::io::Error>() {
            return true;
        }
        cause = inner.source();
    }
    // A connect timeout has no cause of its own.
    error.to_string().contains("timeout")
}

pub(super) fn unreachable_server() -> Error {
    Error::new(
        Code::DatabaseUnreachable,
        "the PostgreSQL server does not answer: check that it runs and that the address in `database` is right",
    )
}

/// The connection broke after the commit was sent.
pub(super) fn unknown_outcome() -> Error {
    Error::new(
        Code::DatabaseUnreachable,
        "the connection to the PostgreSQL server broke during a commit, so it is not known whether the change was made: read the object again, or repeat the call with its idempotency key",
    )
}

pub(super) fn write_conflict() -> Error {
    Error::new(
        Code::WriteConflict,
        "other writers kept changing the same objects; nothing was changed: try again",
    )
}

pub(super) fn locked() -> Error {
    Error::new(
        Code::DatabaseLocked,
        "another transaction holds the row's lock; nothing was changed: try again, and if it lasts find the session that is idle in transaction",
    )
}
