//! What every request of the bindings passes through.
//!
//! A line is either *pinned* to one host, for a sale, whose host is the machine's to choose: one request, whatever happens. Or it is free,
//! for reads, which go to whichever host answers (`reads`). A write over a free line is still sent once only.

use std::fmt;
use std::sync::Arc;

use progenitor_client::{Error, ResponseValue};
use recharge_bindings::{Answer, Operation, Prepared, Wire};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, Request, Response, StatusCode};
use tokio::select;

use super::delivery::{Answer as Answered, Body, delivery};
use super::hosts::Hosts;
use super::reads::buffered;
use crate::ambient::{self, Ambient};
use crate::auth::{Issuer, NoToken, Token, TokenCache};
use crate::error::ReadError;
use crate::recovery::{Delivery, Host, Obstacle, Policy, Verdict};

/// What the lines of one client share.
pub(crate) struct Lines<I> {
    pub(crate) hosts: Hosts,
    pub(crate) policy: Policy,
    pub(crate) ambient: Arc<dyn Ambient>,
    pub(crate) tokens: TokenCache<I>,
    /// The `Authorization` of a login, where one goes into a header.
    pub(crate) basic: Option<HeaderValue>,
}

/// What a request carries, and the token in it.
pub(super) struct Authorization {
    pub(super) header: Option<HeaderValue>,
    pub(super) token: Option<Arc<Token>>,
}

/// One line.
pub(crate) struct Line<I> {
    pub(crate) shared: Arc<Lines<I>>,
    /// The one host that this line speaks to; `None` for reads.
    pub(crate) pinned: Option<Host>,
}

impl<I: Issuer + 'static> Wire for Line<I> {
    fn prepare<'a>(
        &'a self,
        request: &'a mut Request,
        operation: &'static Operation,
    ) -> Prepared<'a> {
        *request.timeout_mut() = Some(self.shared.policy.attempt_timeout);
        Prepared::later(async move {
            // A read begins with a host that answers; a write that nobody pinned goes to the first.
            let host = match self.pinned {
                Some(host) => host,
                None if operation.safe => self.shared.hosts.health.likely(),
                None => Host(0),
            };
            let authorizing = self.shared.authorization(operation, host);
            let authorization = match self.pinned {
                None if operation.safe => self.shared.in_time(authorizing).await,
                _ => authorizing.await,
            };
            match authorization {
                Ok(authorization) => authorize(request, authorization.header),
                // Another host may still let us in.
                Err(NoToken::Unreachable(_))
                    if operation.safe && self.pinned.is_none() && self.shared.hosts.count() > 1 => {
                }
                Err(error) => return Err(error.to_string()),
            }
            Ok(())
        })
    }

    fn send<'a>(
        &'a self,
        client: &'a Client,
        request: Request,
        operation: &'static Operation,
    ) -> Answer<'a> {
        match self.pinned {
            None if operation.safe => Answer::later(self.shared.read(client, request, operation)),
            None => Answer::later(self.shared.write(client, request)),
            Some(host) => Answer::later(self.shared.sell(client, request, host)),
        }
    }
}

impl<I: Issuer> Lines<I> {
    /// What an operation wants in `Authorization`: a token where a token will do, else the credentials.
    pub(super) async fn authorization(
        &self,
        operation: &Operation,
        host: Host,
    ) -> Result<Authorization, NoToken> {
        if operation.security.contains(&I::SCHEME) {
            let token = self.tokens.get(host).await?;
            let header = HeaderValue::try_from(format!("Bearer {}", token.expose()));
            return Ok(Authorization {
                header: header.ok().map(sensitive),
                token: Some(token),
            });
        }
        let header = operation
            .security
            .contains(&"basic")
            .then(|| self.basic.clone())
            .flatten();
        Ok(Authorization {
            header,
            token: None,
        })
    }

    /// Gets a token for a host; `Err` says why a sale cannot be sent to it.
    pub(crate) async fn ready(&self, host: Host) -> Result<(), Verdict> {
        let token = self.tokens.get(host).await;
        token.map(drop).map_err(|error| match error {
            NoToken::Denied(denial) => Verdict::Denied(denial),
            NoToken::Unreachable(obstacle) => Verdict::NotSent(obstacle),
        })
    }

    /// Waits for a token no longer than a connection may take, where another host may give one sooner. Never for a sale, which has its host: a
    /// login that is given up may have taken one of the few tokens.
    async fn in_time<T>(
        &self,
        entering: impl Future<Output = Result<T, NoToken>>,
    ) -> Result<T, NoToken> {
        if self.hosts.count() == 1 {
            return entering.await;
        }
        select! {
            biased;
            entered = entering => entered,
            () = ambient::silence(self.policy.connect_timeout) => {
                Err(NoToken::Unreachable(Obstacle("the login is not answered in time".into())))
            }
        }
    }

    /// Logs in to the first host that answers, so that a refusal is told by its type.
    pub(crate) async fn let_in(&self) -> Result<(), ReadError> {
        let mut unreachable = String::new();
        let mut host = self.hosts.health.likely();
        for further in (0..self.hosts.count()).rev() {
            let token = match further {
                0 => self.tokens.get(host).await,
                _ => self.in_time(self.tokens.get(host)).await,
            };
            match token {
                Ok(_) => return Ok(()),
                Err(NoToken::Denied(denial)) => return Err(ReadError::Denied(denial)),
                Err(NoToken::Unreachable(obstacle)) => unreachable = obstacle.0,
            }
            self.hosts.health.failed(host, self.ambient.now());
            host = host.next(self.hosts.count());
        }
        Err(ReadError::Unreachable(unreachable))
    }

    /// Takes in the answer to one request of a pinned line, and lets the token cache know how its token fared.
    pub(crate) async fn deliver<T>(
        &self,
        host: Host,
        sending: impl Future<Output = Result<ResponseValue<T>, Error<()>>>,
    ) -> Delivery<Answered<T>> {
        let token = self.tokens.get(host).await.ok();
        let answer = delivery(sending.await).await;
        match (&answer, token) {
            (
                Delivery::Answered(Answered {
                    status: 401,
                    body: Body::Raw(body),
                    ..
                }),
                Some(token),
            ) => self.tokens.unauthorised(host, token.expose(), body).await,
            (Delivery::Answered(_), Some(token)) => token.worked(),
            _ => {}
        }
        answer
    }

    /// Writes once, to the first host. A refused token is forgotten, and nothing is sent again.
    async fn write(&self, client: &Client, request: Request) -> reqwest::Result<Response> {
        let authorization = request.headers().get(AUTHORIZATION).cloned();
        let answer = client.execute(request).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let (answer, body) = buffered(answer).await?;
        let token = authorization
            .as_ref()
            .and_then(|header| header.to_str().ok());
        if let Some(token) = token.and_then(|text| text.strip_prefix("Bearer ")) {
            self.tokens.unauthorised(Host(0), token, &body).await;
        }
        Ok(answer)
    }

    /// Sends once, to one host, and learns what that says of the host: only that it could not be reached, or kept silent, or that it works.
    async fn sell(
        &self,
        client: &Client,
        request: Request,
        host: Host,
    ) -> reqwest::Result<Response> {
        let answer = client.execute(request).await;
        match &answer {
            Ok(answer) if answer.status().is_success() => self.hosts.health.answered(host),
            Err(error) if error.is_connect() || error.is_timeout() => {
                self.hosts.health.failed(host, self.ambient.now());
            }
            _ => {}
        }
        answer
    }
}

pub(super) fn authorize(request: &mut Request, authorization: Option<HeaderValue>) {
    if let Some(authorization) = authorization {
        request.headers_mut().insert(AUTHORIZATION, authorization);
    }
}

/// Marks a header so that nothing prints it.
pub(crate) fn sensitive(mut header: HeaderValue) -> HeaderValue {
    header.set_sensitive(true);
    header
}

impl<I> fmt::Debug for Line<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line")
            .field("pinned", &self.pinned)
            .finish_non_exhaustive()
    }
}
