//! A server of one document, over TLS with a root certificate of its own, that answers as it is told to.

use std::net::TcpListener as StdListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Serves a document.
    Document(Vec<u8>),
    /// Serves it with an ETag, and answers 304 to whoever knows it.
    Tagged(Vec<u8>, &'static str),
    /// Serves a page.
    Html,
    /// Answers with a status and more headers, without a body.
    Status(u16, &'static str),
    /// Announces all of it, sends half and closes.
    Half(Vec<u8>),
    /// Sends half without saying how much there is, and closes.
    HalfUnannounced(Vec<u8>),
    /// Closes without a word.
    Drop,
}

/// A running server; it ends when this is dropped.
pub(crate) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
    _end: tokio::sync::oneshot::Sender<()>,
}

impl Server {
    /// Answers request by request as `answers` say; the last of them for ever.
    pub(crate) fn start(answers: Vec<Answer>) -> Self {
        let (config, root) = certificates();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("root.pem"), root).unwrap();
        let listener = StdListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let (end, ended) = tokio::sync::oneshot::channel();
        let log = Arc::clone(&requests);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                let acceptor = TlsAcceptor::from(Arc::new(config));
                let serve = serve(&listener, &acceptor, answers, &log);
                tokio::select! { () = serve => {}, _ = ended => {} }
            });
        });
        Self {
            port,
            requests,
            folder,
            _end: end,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}/webservice/swagger.json", self.port)
    }

    pub(crate) fn root_certificate(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// The heads of the requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A root that is no end entity, and a certificate for localhost from it.
fn certificates() -> (ServerConfig, String) {
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let root_pem = root.self_signed(&root_key).unwrap().pem();
    let issuer = Issuer::from_params(&root, &root_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    (config, root_pem)
}

async fn serve(
    listener: &TcpListener,
    acceptor: &TlsAcceptor,
    answers: Vec<Answer>,
    log: &Mutex<Vec<String>>,
) {
    let mut answers = answers.into_iter().peekable();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        // Who does not trust us goes away here.
        let Ok(mut stream) = acceptor.accept(stream).await else {
            continue;
        };
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte).await, Ok(1)) {
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let answer = answers.peek().cloned().unwrap();
        if answers.len() > 1 {
            answers.next();
        }
        let bytes = bytes(answer, &head);
        log.lock().unwrap().push(head);
        // The client may be gone by now.
        drop(stream.write_all(&bytes).await);
        drop(stream.shutdown().await);
    }
}

fn bytes(answer: Answer, head: &str) -> Vec<u8> {
    let whole = |kind: &str, more: &str, body: &[u8]| {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n{more}\r\n"
        );
        [head.as_bytes(), body].concat()
    };
    let half = |body: &[u8]| body[..body.len() / 2].to_vec();
    match answer {
        Answer::Document(body) => whole("application/json", "", &body),
        Answer::Tagged(body, etag) => {
            let known = format!("if-none-match: {etag}\r\n");
            if head.to_lowercase().contains(&known) {
                return b"HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n".to_vec();
            }
            whole("application/json", &format!("Etag: {etag}\r\n"), &body)
        }
        Answer::Html => whole("text/html", "", b"<!DOCTYPE html><title>Log in</title>"),
        Answer::Status(status, more) => format!(
            "HTTP/1.1 {status} Reason\r\ncontent-length: 0\r\nconnection: close\r\n{more}\r\n"
        )
        .into_bytes(),
        Answer::Half(body) => {
            let mut bytes = whole("application/json", "", &body);
            bytes.truncate(bytes.len() - body.len() / 2);
            bytes
        }
        Answer::HalfUnannounced(body) => {
            let head = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
            [head, half(&body)].concat()
        }
        Answer::Drop => Vec::new(),
    }
}
