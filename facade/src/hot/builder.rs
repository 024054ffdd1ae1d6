//! Putting a client together.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use recharge_bindings::hot::Client as Bindings;

use super::catalogue::{Catalogue, Glance};
use super::client::Client;
use super::login::Login;
use super::sales::{HOST, Sales};
use crate::ambient::Ambient;
use crate::auth::TokenStore;
use crate::balance::Board;
use crate::domain::Secret;
use crate::error::Invalid;
use crate::journal::Journal;
use crate::observe::Observer;
use crate::parts::Parts;
use crate::recovery::Policy;
use crate::transport::line::{Line, Lines};

/// Production. No other host is documented.
pub const PRODUCTION: &str = "https://ssl.hot.co.zw/api/v3";

/// How long a recharge may take: no time limit is documented, and one that is given up early is a sale in doubt that cannot be sent again.
const ATTEMPT_TIMEOUT_MIN: Duration = Duration::from_secs(60);

/// The first wait between two enquiries about one reference, unless the caller gives another: version 1 of the service asked for no more than four a
/// minute.
const POLL_MIN: Duration = Duration::from_secs(15);

/// Puts a [`Client`] together: [`Client::builder`].
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    access_code: String,
    password: Secret,
    parts: Parts,
}

impl Builder {
    pub(super) fn new(access_code: String, password: Secret, journal: Arc<dyn Journal>) -> Self {
        Self {
            access_code,
            password,
            parts: Parts::new(&[PRODUCTION], journal),
        }
    }

    /// The base URL, up to and with `/api/v3`, instead of production's.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.parts.base_urls = vec![base_url.into()];
        self
    }

    /// Time limits and numbers of tries. One attempt gets at least 60 seconds, unless the service is on this machine.
    ///
    /// A [`poll_min`](Policy::poll_min) that is left at the default of [`Policy`] is 15 seconds here, so that enquiries about one sale begin at four a
    /// minute and grow rarer; any other stays as it is given.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.parts.policy = policy;
        self
    }

    /// Keeps tokens where they outlive the process. [`Sqlite`](crate::journal::Sqlite) is such a place. Only the token itself is kept, which lives for
    /// minutes; what refreshes it changes with each use, and two processes would take it from each other.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.parts.token_store = Some(store);
        self
    }

    /// Trusts a root certificate (PEM or DER) beside those of the operating system.
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
    /// When the base URL is not https (or this machine), the credentials are empty or hold control characters, or the limits of the policy contradict
    /// each other or give a recharge too little time.
    pub fn build(mut self) -> Result<Client, Invalid> {
        let given = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
        if !given(&self.access_code) {
            let rule = "must be given, without control characters";
            return Err(Invalid::new("access_code", rule));
        }
        if !given(self.password.expose()) {
            let rule = "must be given, without control characters";
            return Err(Invalid::new("password", rule));
        }
        let (hosts, http) = self.parts.open()?;
        if self.parts.policy.poll_min == Policy::default().poll_min {
            self.parts.policy.poll_min = POLL_MIN;
        }
        let policy = self.parts.policy;
        if policy.attempt_timeout < ATTEMPT_TIMEOUT_MIN && !hosts.in_the_clear() {
            let rule = "must be at least 60 seconds: a sale that is given up cannot be sent again";
            return Err(Invalid::new("policy.attempt_timeout", rule));
        }
        let login = Login {
            http: http.clone(),
            hosts: hosts.clone(),
            access_code: Secret::new(&*self.access_code),
            password: self.password,
            timeout: policy.attempt_timeout,
            ambient: Arc::clone(&self.parts.ambient),
            pair: Mutex::default(),
        };
        let user = format!("hot {}", self.access_code);
        let lines = Arc::new(Lines {
            hosts: hosts.clone(),
            policy,
            ambient: Arc::clone(&self.parts.ambient),
            tokens: self.parts.tokens(login, &hosts, &user),
            basic: None,
        });
        let bindings = |pinned| {
            let shared = Arc::clone(&lines);
            let wire = Arc::new(Line { shared, pinned });
            Bindings::new_with_client(&hosts.name(HOST), http.clone(), wire)
        };
        let reads = bindings(None);
        let glance = Glance(Line {
            shared: Arc::clone(&lines),
            pinned: Some(HOST),
        });
        let glances = Bindings::new_with_client(&hosts.name(HOST), http.clone(), Arc::new(glance));
        let sales = Sales {
            lines: Arc::clone(&lines),
            bindings: bindings(Some(HOST)),
            board: Board::new(),
            failures: Mutex::default(),
        };
        let driver = self.parts.driver(sales);
        Ok(Client::new(
            self.access_code,
            lines,
            reads,
            Catalogue::new(glances),
            driver,
        ))
    }
}

/// The access code is left out: it is a name to log in with.
impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("base_urls", &self.parts.base_urls)
            .finish_non_exhaustive()
    }
}
