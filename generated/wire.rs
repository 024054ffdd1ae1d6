//! What stands between a generated method and the network.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use crate::Operation;

/// The future that [`Wire::prepare`] returns.
pub type Prepared<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// The future that [`Wire::send`] returns.
pub type Answer<'a> = Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send + 'a>>;

/// The one hook of the bindings: every request of every operation passes through it.
///
/// Authentication, failover, waiting and renewal of tokens go here once, instead of into a wrapper for each operation.
pub trait Wire: Send + Sync + Debug {
    /// Completes a request before it is sent, for instance with a token. The error's text reaches the caller as
    /// [`progenitor_client::Error::Custom`], and nothing is sent. It must not contain secrets.
    fn prepare<'a>(
        &'a self,
        request: &'a mut reqwest::Request,
        operation: &'static Operation,
    ) -> Prepared<'a>;

    /// Sends a request and returns its answer, the body unread.
    fn send<'a>(
        &'a self,
        client: &'a reqwest::Client,
        request: reqwest::Request,
        operation: &'static Operation,
    ) -> Answer<'a>;
}

/// Sends as it is, without authentication.
#[derive(Clone, Copy, Debug, Default)]
pub struct Direct;

impl Wire for Direct {
    fn prepare<'a>(&'a self, _: &'a mut reqwest::Request, _: &'static Operation) -> Prepared<'a> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn send<'a>(
        &'a self,
        client: &'a reqwest::Client,
        request: reqwest::Request,
        _: &'static Operation,
    ) -> Answer<'a> {
        Box::pin(client.execute(request))
    }
}
