//! What every request of the bindings passes through.
//!
//! A line is either *pinned* to one host, for a sale, whose host is the machine's to choose: one request, whatever happens. Or it is free,
//! for reads: they go to whichever host answers, wait and try again on a 5xx or a lost answer, and renew a refused token once.
//! A write over a free line is still sent once only.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use progenitor_client::{Error, ResponseValue};
use recharge_bindings::{Answer, Operation, Prepared, Wire};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, Request, Response, StatusCode};

use super::delivery::{Answer as Answered, Body, delivery, retry_after};
use super::hosts::Hosts;
use crate::ambient::Ambient;
use crate::auth::{Issuer, NoToken, Token, TokenCache};
use crate::error::ReadError;
use crate::recovery::delivery::RETRY_AFTER_MAX;
use crate::recovery::schedule::{Jitter, ceiling};
use crate::recovery::{Delivery, Host, Policy, Verdict};

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
struct Authorization {
    header: Option<HeaderValue>,
    token: Option<Arc<Token>>,
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
        Box::pin(async move {
            // A read begins with a host that answers; a write that nobody pinned goes to the first.
            let host = match self.pinned {
                Some(host) => host,
                None if operation.safe => self.shared.hosts.health.likely(),
                None => Host(0),
            };
            match self.shared.authorization(operation, host).await {
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
            None if operation.safe => Box::pin(self.shared.read(client, request, operation)),
            None => Box::pin(self.shared.write(client, request)),
            Some(host) => Box::pin(self.shared.sell(client, request, host)),
        }
    }
}

impl<I: Issuer> Lines<I> {
    /// What an operation wants in `Authorization`: a token where a token will do, else the credentials.
    async fn authorization(
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

    /// Logs in to the first host that answers, so that a refusal is told by its type.
    pub(crate) async fn let_in(&self) -> Result<(), ReadError> {
        let mut unreachable = String::new();
        let mut host = self.hosts.health.likely();
        for _ in 0..self.hosts.count() {
            match self.tokens.get(host).await {
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

    /// Sends once, to one host, and learns what that says of the host: only that it could not be reached, or that it works.
    async fn sell(
        &self,
        client: &Client,
        request: Request,
        host: Host,
    ) -> reqwest::Result<Response> {
        let answer = client.execute(request).await;
        match &answer {
            Ok(answer) if answer.status().is_success() => self.hosts.health.answered(host),
            Err(error) if error.is_connect() => {
                self.hosts.health.failed(host, self.ambient.now());
            }
            _ => {}
        }
        answer
    }

    /// Reads: from host to host, with a full-jitter backoff once each was tried, until one gives an answer to keep.
    async fn read(
        &self,
        client: &Client,
        request: Request,
        operation: &'static Operation,
    ) -> reqwest::Result<Response> {
        let hosts = self.hosts.count();
        let mut jitter = Jitter::new(self.ambient.random());
        let mut host = self.hosts.health.prefer(Host(0), self.ambient.now());
        let (mut last, mut asked) = (None, Duration::ZERO);
        for number in 0..self.policy.read_tries_max {
            if number > 0 {
                let wait = self.read_wait(number, &mut asked, &mut jitter);
                self.ambient.sleep(wait).await;
                host = host.next(hosts);
            }
            let Some(attempt) = self.relocated(&request, host) else {
                break;
            };
            match self.read_once(client, attempt, operation, host).await {
                Some(Ok(answer)) if !is_passing(answer.status()) => return Ok(answer),
                Some(answer) => {
                    let after = answer
                        .as_ref()
                        .ok()
                        .and_then(|answer| retry_after(answer.headers()));
                    asked = asked.max(after.unwrap_or_default());
                    last = Some(answer);
                }
                // No token for this host: another may do.
                None => {}
            }
        }
        match last {
            Some(last) => last,
            None => client.execute(request).await,
        }
    }

    /// The wait before the `number`-th try again: none for a host that was not asked yet in this round; then a backoff, and at least what any
    /// of the hosts asked for.
    fn read_wait(&self, number: u32, asked: &mut Duration, jitter: &mut Jitter) -> Duration {
        let hosts = u32::from(self.hosts.count());
        if !number.is_multiple_of(hosts) {
            return Duration::ZERO;
        }
        let (min, cap) = (self.policy.reconnect_min, self.policy.reconnect_cap);
        let drawn = jitter.below(ceiling(min, cap, number / hosts - 1));
        drawn.max(std::mem::take(asked).min(RETRY_AFTER_MAX))
    }

    /// One read from one host. A refused token is replaced once.
    async fn read_once(
        &self,
        client: &Client,
        request: Request,
        operation: &'static Operation,
        host: Host,
    ) -> Option<reqwest::Result<Response>> {
        let again = request.try_clone();
        let answer = self.authorized(client, request, operation, host).await?;
        match (answer, again) {
            (Ok(answer), Some(again))
                if answer.status() == StatusCode::UNAUTHORIZED
                    && operation.security.contains(&I::SCHEME) =>
            {
                self.authorized(client, again, operation, host).await
            }
            (answer, _) => Some(answer),
        }
    }

    async fn authorized(
        &self,
        client: &Client,
        mut request: Request,
        operation: &'static Operation,
        host: Host,
    ) -> Option<reqwest::Result<Response>> {
        let health = &self.hosts.health;
        let Ok(authorization) = self.authorization(operation, host).await else {
            health.failed(host, self.ambient.now());
            return None;
        };
        authorize(&mut request, authorization.header);
        let answer = match client.execute(request).await {
            Ok(response) => buffered(response).await,
            Err(error) => Err(error),
        };
        match &answer {
            Ok((answer, _)) if !is_passing(answer.status()) => health.answered(host),
            _ => health.failed(host, self.ambient.now()),
        }
        if let (Ok((answer, body)), Some(token)) = (&answer, authorization.token) {
            if answer.status() == StatusCode::UNAUTHORIZED {
                self.tokens.unauthorised(host, token.expose(), body).await;
            } else {
                token.worked();
            }
        }
        Some(answer.map(|(answer, _)| answer))
    }

    fn relocated(&self, request: &Request, host: Host) -> Option<Request> {
        let mut request = request.try_clone()?;
        if host != Host(0) {
            *request.url_mut() = self.hosts.relocate(request.url(), host)?;
        }
        Some(request)
    }
}

/// Statuses that may be another on the next try, or on another host.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        )
}

/// Reads the body now, so that one that is cut counts as a lost answer and is read again.
async fn buffered(response: Response) -> reqwest::Result<(Response, Bytes)> {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await?;
    let mut rebuilt = http::Response::new(body.clone());
    *rebuilt.status_mut() = status;
    *rebuilt.headers_mut() = headers;
    Ok((rebuilt.into(), body))
}

fn authorize(request: &mut Request, authorization: Option<HeaderValue>) {
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
