//! **The rule: the clients of all services are put together from the same parts,** and no part is checked in one of them only.

use std::sync::Arc;

use reqwest::Certificate;

use crate::ambient::{Ambient, System};
use crate::auth::{Issuer, TokenCache, TokenStore};
use crate::driver::{Driver, Provider};
use crate::error::Invalid;
use crate::journal::Journal;
use crate::observe::Observer;
use crate::recovery::Policy;
use crate::transport::hosts::Hosts;
use crate::transport::http;

/// What a builder collects, whichever service it is for.
pub(crate) struct Parts {
    pub(crate) base_urls: Vec<String>,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) token_store: Option<Arc<dyn TokenStore>>,
    pub(crate) policy: Policy,
    pub(crate) root_certificates: Vec<Certificate>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) ambient: Arc<dyn Ambient>,
}

impl Parts {
    pub(crate) fn new(base_urls: &[&str], journal: Arc<dyn Journal>) -> Self {
        Self {
            base_urls: base_urls.iter().copied().map(String::from).collect(),
            journal,
            token_store: None,
            policy: Policy::default(),
            root_certificates: Vec::new(),
            observer: None,
            ambient: Arc::new(System::new()),
        }
    }

    /// Takes a root certificate in (PEM or DER).
    pub(crate) fn trust(&mut self, certificate: &[u8]) -> Result<(), Invalid> {
        let read = if certificate.starts_with(b"-----") {
            Certificate::from_pem(certificate)
        } else {
            Certificate::from_der(certificate)
        };
        let rule = "must be a certificate in PEM or DER";
        let certificate = read.map_err(|_| Invalid::new("root_certificate", rule))?;
        self.root_certificates.push(certificate);
        Ok(())
    }

    /// The hosts, and the HTTP client that speaks to them; if the limits and the URLs keep their rules.
    pub(crate) fn open(&self) -> Result<(Hosts, reqwest::Client), Invalid> {
        self.policy.check()?;
        let hosts = Hosts::new(&self.base_urls)?;
        let http = http::client(&self.policy, &self.root_certificates, hosts.in_the_clear())?;
        Ok((hosts, http))
    }

    /// A token for each host, kept under a name that says for which user of which service.
    pub(crate) fn tokens<I: Issuer>(&self, issuer: I, hosts: &Hosts, user: &str) -> TokenCache<I> {
        let names = hosts
            .all()
            .map(|(_, base)| format!("{user} {base}"))
            .collect();
        let store = self.token_store.clone();
        TokenCache::new(issuer, names, Arc::clone(&self.ambient), store)
    }

    /// The driver of all sales.
    pub(crate) fn driver<P: Provider>(self, provider: P) -> Arc<Driver<P>> {
        let (journal, ambient) = (self.journal, self.ambient);
        Arc::new(Driver::new(
            provider,
            journal,
            ambient,
            self.observer,
            self.policy,
        ))
    }
}
