//! **The rule: a read goes on with whichever host answers.** On a 5xx or a lost answer it goes to the next host, and round again after a backoff;
//! a host that says nothing for as long as a connection may take is not waited for alone: the next one is asked as well, and the first answer
//! counts. A token that was refused is renewed once.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use recharge_bindings::Operation;
use reqwest::{Client, Request, Response, StatusCode};
use tokio::select;

use super::delivery::retry_after;
use super::line::{Lines, authorize};
use crate::ambient;
use crate::auth::Issuer;
use crate::recovery::Host;
use crate::recovery::delivery::RETRY_AFTER_MAX;
use crate::recovery::schedule::{Jitter, ceiling};

/// What came of asking one host; nothing if it gave no token.
type Asked = Option<reqwest::Result<Response>>;

impl<I: Issuer> Lines<I> {
    /// Reads: from host to host, with a full-jitter backoff once each was tried, until one gives an answer to keep.
    pub(super) async fn read(
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
            match self.read_in_time(client, &request, operation, host).await {
                Some(answer) if is_to_keep(&answer) => return answer,
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

    /// One read from one host; and from the next one as well, once this one has kept silent for as long as a connection may take. A host can
    /// die with connections open, and nothing but silence tells.
    async fn read_in_time(
        &self,
        client: &Client,
        request: &Request,
        operation: &'static Operation,
        host: Host,
    ) -> Asked {
        let hosts = self.hosts.count();
        let mut first = pin!(self.read_once(client, request, operation, host));
        if hosts == 1 {
            return first.await;
        }
        select! {
            biased;
            asked = &mut first => return asked,
            () = ambient::silence(self.policy.connect_timeout) => {}
        }
        self.hosts.health.failed(host, self.ambient.now());
        let mut second = pin!(self.read_once(client, request, operation, host.next(hosts)));
        let (asked, other) = select! {
            biased;
            asked = &mut first => (asked, second),
            asked = &mut second => (asked, first),
        };
        match asked {
            Some(answer) if is_to_keep(&answer) => Some(answer),
            // The other one may do better.
            asked => other.await.or(asked),
        }
    }

    /// One read from one host. A refused token is replaced once.
    async fn read_once(
        &self,
        client: &Client,
        request: &Request,
        operation: &'static Operation,
        host: Host,
    ) -> Asked {
        let attempt = self.relocated(request, host)?;
        let again = attempt.try_clone();
        let answer = self.authorized(client, attempt, operation, host).await?;
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
    ) -> Asked {
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

/// An answer that asking again, or elsewhere, would not change.
fn is_to_keep(answer: &reqwest::Result<Response>) -> bool {
    answer
        .as_ref()
        .is_ok_and(|answer| !is_passing(answer.status()))
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
pub(super) async fn buffered(response: Response) -> reqwest::Result<(Response, Bytes)> {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await?;
    let mut rebuilt = http::Response::new(body.clone());
    *rebuilt.status_mut() = status;
    *rebuilt.headers_mut() = headers;
    Ok((rebuilt.into(), body))
}
