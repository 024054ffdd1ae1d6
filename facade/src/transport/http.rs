//! The one place where an HTTP client is built, with every setting on which money depends spelled out.

use std::time::Duration;

use reqwest::{Certificate, Client, redirect, retry};
use rustls::crypto::CryptoProvider;

use crate::error::Invalid;
use crate::recovery::Policy;

/// Idle connections are closed before the service's side would close them (Tomcat: 20 s and more), so that few requests meet a closing one.
const IDLE_CONNECTION: Duration = Duration::from_secs(15);

pub(crate) fn client(
    policy: &Policy,
    root_certificates: &[Certificate],
    in_the_clear: bool,
) -> Result<Client, Invalid> {
    bring_cryptography()?;
    let builder = Client::builder()
        .user_agent(concat!("recharge/", env!("CARGO_PKG_VERSION")))
        // A redirect of a POST would send the sale a second time.
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        // HTTP/2 has ways of its own to send again; one request at a time on a connection is easy to reason about.
        .http1_only()
        .connect_timeout(policy.connect_timeout)
        .pool_idle_timeout(IDLE_CONNECTION)
        .tcp_nodelay(true)
        .referer(false);
    // Plain HTTP is for this machine only, and a proxy is another: it would be handed the credentials. (TLS goes through one unread.)
    let builder = if in_the_clear {
        builder.no_proxy()
    } else {
        builder
    };
    root_certificates
        .iter()
        .cloned()
        .fold(builder, |builder, root| builder.tls_certs_merge([root]))
        .build()
        .map_err(|_| Invalid::new("root_certificate", "cannot be used for TLS"))
}

/// TLS is done with the cryptography that the program has installed, else with the one that a feature brings.
fn bring_cryptography() -> Result<(), Invalid> {
    if CryptoProvider::get_default().is_some() {
        return Ok(());
    }
    // Another thread may install one at the same moment, which is as good.
    #[cfg(feature = "aws-lc-rs")]
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    #[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
    let _ = rustls::crypto::ring::default_provider().install_default();
    CryptoProvider::get_default().map(drop).ok_or(Invalid::new(
        "tls",
        "needs the feature ring or aws-lc-rs, or a rustls provider that the program installs",
    ))
}
