//! What stands between a generated method and the network.

use std::fmt::{self, Debug};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use progenitor_client::Error;

use crate::Operation;

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What [`Wire::prepare`] returns.
pub enum Prepared<'a> {
    /// That was all; nothing to wait for.
    Ready(Result<(), String>),
    /// It takes time.
    Later(Boxed<'a, Result<(), String>>),
}

impl<'a> Prepared<'a> {
    /// What takes time.
    pub fn later(work: impl Future<Output = Result<(), String>> + Send + 'a) -> Self {
        Self::Later(Box::pin(work))
    }
}

/// A [`Prepared::Ready`] is handed out once; it is `Ok` from then on.
impl Future for Prepared<'_> {
    type Output = Result<(), String>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Ready(done) => Poll::Ready(std::mem::replace(done, Ok(()))),
            Self::Later(work) => work.as_mut().poll(context),
        }
    }
}

impl Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(done) => f.debug_tuple("Ready").field(done).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}

/// What [`Wire::send`] returns.
// The request is moved, not copied: into its future one moment later.
#[allow(clippy::large_enum_variant)]
pub enum Answer<'a> {
    /// Whatever the client answers when it sends this.
    Plain(reqwest::Request),
    /// What this comes to.
    Later(Boxed<'a, reqwest::Result<reqwest::Response>>),
}

impl<'a> Answer<'a> {
    /// What more than a client is needed for.
    pub fn later(
        work: impl Future<Output = reqwest::Result<reqwest::Response>> + Send + 'a,
    ) -> Self {
        Self::Later(Box::pin(work))
    }
}

impl Debug for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A request holds what identifies the caller.
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Later(_) => "Later",
        })
    }
}

/// The one hook of the bindings: every request of every operation passes through it.
///
/// Authentication, failover, waiting and renewal of tokens go here once, instead of into a wrapper for each operation.
/// What need not wait costs no allocation.
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
        Prepared::Ready(Ok(()))
    }

    fn send<'a>(
        &'a self,
        _: &'a reqwest::Client,
        request: reqwest::Request,
        _: &'static Operation,
    ) -> Answer<'a> {
        Answer::Plain(request)
    }
}

/// Sends the request of a generated method.
pub(crate) async fn exchange(
    wire: &dyn Wire,
    client: &reqwest::Client,
    mut request: reqwest::Request,
    operation: &'static Operation,
) -> Result<reqwest::Response, Error> {
    let prepared = match wire.prepare(&mut request, operation) {
        Prepared::Ready(done) => done,
        Prepared::Later(work) => work.await,
    };
    prepared.map_err(Error::Custom)?;
    let answer = match wire.send(client, request, operation) {
        Answer::Plain(request) => client.execute(request).await,
        Answer::Later(work) => work.await,
    };
    answer.map_err(Error::CommunicationError)
}
