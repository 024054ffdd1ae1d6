//! Putting a client together.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use recharge_bindings::smartcall::Client as Bindings;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::client::Client;
use super::login::Login;
use super::sales::Sales;
use crate::ambient::Ambient;
use crate::auth::TokenStore;
use crate::balance::Board;
use crate::domain::{Msisdn, Secret};
use crate::error::Invalid;
use crate::journal::Journal;
use crate::observe::Observer;
use crate::parts::Parts;
use crate::recovery::{Host, Policy};
use crate::transport::line::{Line, Lines, sensitive};

/// Production's two hosts, live beside each other (chapter 8).
pub const PRODUCTION: [&str; 2] = [
    "https://api1.smartcall.co.za:8100/webservice",
    "https://api2.smartcall.co.za:8100/webservice",
];

/// Puts a [`Client`] together: [`Client::builder`].
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    username: String,
    password: Secret,
    account: Msisdn,
    parts: Parts,
}

impl Builder {
    pub(super) fn new(
        username: String,
        password: Secret,
        account: Msisdn,
        journal: Arc<dyn Journal>,
    ) -> Self {
        Self {
            username,
            password,
            account,
            parts: Parts::new(&PRODUCTION, journal),
        }
    }

    /// The base URL of each host, up to and with `/webservice`, instead of production's. They must stand for one service with one ledger.
    pub fn base_urls<S: Into<String>>(mut self, base_urls: impl IntoIterator<Item = S>) -> Self {
        self.parts.base_urls = base_urls.into_iter().map(Into::into).collect();
        self
    }

    /// Time limits and numbers of tries.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.parts.policy = policy;
        self
    }

    /// Keeps tokens where they outlive the process. [`Sqlite`](crate::journal::Sqlite) is such a place.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.parts.token_store = Some(store);
        self
    }

    /// Trusts a root certificate (PEM or DER) beside those of the operating system (FAQ 8).
    ///
    /// # Errors
    /// When it is neither.
    pub fn root_certificate(mut self, certificate: &[u8]) -> Result<Self, Invalid> {
        self.parts.trust(certificate)?;
        Ok(self)
    }

    /// Sees every step of every sale.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.parts.observer = Some(Arc::new(observer));
        self
    }

    /// Takes time, sleep and randomness from here; for tests.
    pub fn ambient(mut self, ambient: Arc<dyn Ambient>) -> Self {
        self.parts.ambient = ambient;
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// When a base URL is not https (or this machine), the credentials are empty or hold characters that HTTP cannot carry, or the limits of
    /// the policy contradict each other.
    pub fn build(self) -> Result<Client, Invalid> {
        let (hosts, http) = self.parts.open()?;
        let basic = basic(&self.username, &self.password)?;
        let login = || Login {
            http: http.clone(),
            hosts: hosts.clone(),
            basic: basic.clone(),
            timeout: self.parts.policy.attempt_timeout,
            ambient: Arc::clone(&self.parts.ambient),
        };
        let user = format!("smartcall {}", self.username);
        let lines = Arc::new(Lines {
            hosts: hosts.clone(),
            policy: self.parts.policy,
            ambient: Arc::clone(&self.parts.ambient),
            tokens: self.parts.tokens(login(), &hosts, &user),
            basic: Some(basic.clone()),
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
        let reads = bindings(&hosts.name(Host(0)), None);
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
        let login = login();
        let driver = self.parts.driver(sales);
        Ok(Client::new(
            self.account,
            lines,
            login,
            reads,
            driver,
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
            .field("base_urls", &self.parts.base_urls)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}
