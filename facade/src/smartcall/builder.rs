//! Putting a client together.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use recharge_bindings::smartcall::Client as Bindings;
use reqwest::Certificate;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::client::Client;
use super::login::Login;
use super::sales::Sales;
use crate::ambient::{Ambient, System};
use crate::auth::{TokenCache, TokenStore};
use crate::balance::Board;
use crate::domain::{Msisdn, Secret};
use crate::driver::Driver;
use crate::error::Invalid;
use crate::journal::Journal;
use crate::observe::Observer;
use crate::recovery::{Host, Policy};
use crate::transport::hosts::Hosts;
use crate::transport::http;
use crate::transport::line::{Line, Lines, sensitive};

/// Production's two hosts, live beside each other (chapter 8).
pub const PRODUCTION: [&str; 2] = [
    "https://api1.smartcall.co.za:8100/webservice",
    "https://api2.smartcall.co.za:8100/webservice",
];

/// Puts a [`Client`] together: [`Client::builder`].
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    base_urls: Vec<String>,
    username: String,
    password: Secret,
    account: Msisdn,
    journal: Arc<dyn Journal>,
    token_store: Option<Arc<dyn TokenStore>>,
    policy: Policy,
    root_certificates: Vec<Certificate>,
    observer: Option<Arc<dyn Observer>>,
    ambient: Arc<dyn Ambient>,
}

impl Builder {
    pub(super) fn new(
        username: String,
        password: Secret,
        account: Msisdn,
        journal: Arc<dyn Journal>,
    ) -> Self {
        Self {
            base_urls: PRODUCTION.map(String::from).to_vec(),
            username,
            password,
            account,
            journal,
            token_store: None,
            policy: Policy::default(),
            root_certificates: Vec::new(),
            observer: None,
            ambient: Arc::new(System::new()),
        }
    }

    /// The base URL of each host, up to and with `/webservice`, instead of production's. They must stand for one service with one ledger.
    pub fn base_urls<S: Into<String>>(mut self, base_urls: impl IntoIterator<Item = S>) -> Self {
        self.base_urls = base_urls.into_iter().map(Into::into).collect();
        self
    }

    /// Time limits and numbers of tries.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Keeps tokens where they outlive the process. [`Sqlite`](crate::journal::Sqlite) is such a place.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.token_store = Some(store);
        self
    }

    /// Trusts a root certificate (PEM or DER) beside those of the operating system (FAQ 8).
    ///
    /// # Errors
    /// When it is neither.
    pub fn root_certificate(mut self, certificate: &[u8]) -> Result<Self, Invalid> {
        let read = if certificate.starts_with(b"-----") {
            Certificate::from_pem(certificate)
        } else {
            Certificate::from_der(certificate)
        };
        self.root_certificates.push(read.map_err(|_| {
            Invalid::new("root_certificate", "must be a certificate in PEM or DER")
        })?);
        Ok(self)
    }

    /// Sees every step of every sale.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Takes time, sleep and randomness from here; for tests.
    pub fn ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.ambient = ambient;
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// When a base URL is not https (or this machine), the credentials are empty or hold characters that HTTP cannot carry, or the limits of
    /// the policy contradict each other.
    pub fn build(self) -> Result<Client, Invalid> {
        self.policy.check()?;
        let hosts = Hosts::new(&self.base_urls)?;
        let basic = basic(&self.username, &self.password)?;
        let http = http::client(&self.policy, &self.root_certificates, hosts.in_the_clear())?;

        let login = || Login {
            http: http.clone(),
            hosts: hosts.clone(),
            basic: basic.clone(),
            timeout: self.policy.attempt_timeout,
            ambient: Arc::clone(&self.ambient),
        };
        let names = hosts
            .all()
            .map(|(_, base)| format!("smartcall {} {base}", self.username))
            .collect();
        let tokens = TokenCache::new(login(), names, Arc::clone(&self.ambient), self.token_store);
        let lines = Arc::new(Lines {
            hosts: hosts.clone(),
            policy: self.policy,
            ambient: Arc::clone(&self.ambient),
            tokens,
            basic: basic.clone(),
        });

        let bindings = |base: &str, pinned| {
            Bindings::new_with_client(
                base,
                http.clone(),
                Arc::new(Line {
                    shared: Arc::clone(&lines),
                    pinned,
                }),
            )
        };
        let reads = bindings(hosts.name(Host(0)), None);
        let pinned = hosts
            .all()
            .map(|(host, base)| bindings(base, Some::<Host>(host)))
            .collect();
        let board = Arc::new(Board::new());
        let sales = Sales {
            lines: Arc::clone(&lines),
            hosts: pinned,
            board: Arc::clone(&board),
        };
        let driver = Driver::new(
            sales,
            self.journal,
            Arc::clone(&self.ambient),
            self.observer,
            self.policy,
        );
        Ok(Client::new(
            self.account,
            lines,
            login(),
            reads,
            Arc::new(driver),
            board,
        ))
    }
}

/// The `Authorization` of a login.
fn basic(username: &str, password: &Secret) -> Result<HeaderValue, Invalid> {
    if username.is_empty() || username.contains(':') || username.chars().any(char::is_control) {
        return Err(Invalid::new(
            "username",
            "must be given, without colons and control characters",
        ));
    }
    if password.expose().is_empty() || password.expose().chars().any(char::is_control) {
        return Err(Invalid::new(
            "password",
            "must be given, without control characters",
        ));
    }
    let plain = Zeroizing::new(format!("{username}:{}", password.expose()));
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(plain.as_bytes())));
    HeaderValue::try_from(text.as_str())
        .map(sensitive)
        .map_err(|_| Invalid::new("password", "must be text"))
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("base_urls", &self.base_urls)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}
