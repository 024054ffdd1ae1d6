//! Logging in, and giving tokens back (chapters 6 and 14).

use std::sync::Arc;
use std::time::Duration;

use recharge_bindings::smartcall::{Client as Bindings, types};
use reqwest::header::HeaderValue;

use super::reading;
use crate::ambient::Ambient;
use crate::auth::{Issued, Issuer, Life, NoToken, Token, TokenLimit};
use crate::domain::{Secret, Timestamp};
use crate::recovery::{Class, Delivery, Denial, Host, Obstacle};
use crate::transport::delivery::{Answer, Body, delivery};
use crate::transport::fixed::Fixed;
use crate::transport::hosts::Hosts;
use crate::transport::line::sensitive;

/// The calls about tokens.
pub(super) const CLASSES: &[(&str, Class)] = &[
    ("authenticate", Class::Read),
    ("getAvailableTokens", Class::Read),
    ("invalidateToken", Class::Control),
];

/// How long a token lives when the answer does not say (chapter 6).
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Logs in with a user name and a password.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) http: reqwest::Client,
    pub(super) hosts: Hosts,
    pub(super) basic: HeaderValue,
    pub(super) timeout: Duration,
    pub(super) ambient: Arc<dyn Ambient>,
}

impl Issuer for Login {
    const SCHEME: &'static str = "bearer";
    const LIFE: Life = Life {
        margin: Duration::from_secs(5 * 60),
        margin_jitter: Duration::from_secs(60),
        // The service drops a token that was not used for 4 hours.
        idle_max: Duration::from_secs(3 * 60 * 60 + 45 * 60),
        use_min: Duration::from_secs(10 * 60),
    };

    fn refuses_token(&self, body: &[u8]) -> bool {
        reading::login(body).is_some_and(|text| !reading::is_source_address(&text))
    }

    async fn issue(&self, host: Host) -> Result<Issued, NoToken> {
        let Some(bindings) = self.bindings(host, self.basic.clone()) else {
            return Err(unreachable("no such host"));
        };
        tracing::info!(host = host.0, "logging in");
        match delivery(bindings.authenticate().await).await {
            Delivery::Answered(Answer {
                status: 200,
                body: Body::Typed(body),
                ..
            }) => self.issued(body),
            Delivery::Answered(Answer {
                status: 401,
                body: Body::Raw(body),
                ..
            }) => Err(NoToken::Denied(refused(&body))),
            Delivery::Answered(Answer {
                status: 429,
                body: Body::Raw(body),
                ..
            }) => Err(NoToken::Denied(self.limit(&bindings, &body).await)),
            Delivery::Answered(answer) => Err(unreachable(&format!(
                "the login was answered with HTTP {}",
                answer.status
            ))),
            Delivery::NotSent(obstacle) => Err(NoToken::Unreachable(obstacle)),
            Delivery::MaybeSent(loss) => {
                Err(unreachable(&format!("the login has no answer: {loss}")))
            }
        }
    }
}

impl Login {
    fn issued(&self, answer: types::AuthResponse) -> Result<Issued, NoToken> {
        let Some(token) = answer
            .access_token
            .into_value()
            .filter(|token| !token.is_empty())
        else {
            return Err(unreachable("the login was answered without a token"));
        };
        let expires_at = answer
            .expires_at
            .copied()
            .and_then(|at| u64::try_from(at).ok())
            .map(Timestamp);
        Ok(Issued {
            token: Secret::new(token),
            expires_at: expires_at.unwrap_or(self.ambient.now() + LIFETIME),
        })
    }

    /// All tokens are in use: says how many that is, as the service counts them.
    async fn limit(&self, bindings: &Bindings, body: &[u8]) -> Denial {
        let message = reading::login(body).unwrap_or_else(|| "HTTP 429".into());
        let limit = message
            .rsplit(|c: char| !c.is_ascii_digit())
            .find(|digits| !digits.is_empty())
            .and_then(|digits| digits.parse().ok());
        let available = match delivery(bindings.get_available_tokens().await).await {
            Delivery::Answered(Answer {
                body: Body::Typed(count),
                ..
            }) => count
                .available_tokens
                .copied()
                .and_then(|count| u32::try_from(count).ok()),
            _ => None,
        };
        let in_use = limit
            .zip(available)
            .map(|(limit, available): (u32, u32)| limit.saturating_sub(available));
        Denial::TokenLimit(TokenLimit {
            in_use,
            limit,
            message,
        })
    }

    /// How many tokens can still be asked for.
    pub(super) async fn available(&self, host: Host) -> Delivery<Answer<types::TokenCount>> {
        match self.bindings(host, self.basic.clone()) {
            Some(bindings) => delivery(bindings.get_available_tokens().await).await,
            None => Delivery::NotSent(Obstacle("no such host".into())),
        }
    }

    /// Invalidates all tokens of the user.
    pub(super) async fn flush(&self, host: Host) -> Delivery<Answer<types::TokenCount>> {
        match self.bindings(host, self.basic.clone()) {
            Some(bindings) => delivery(bindings.flush_tokens().await).await,
            None => Delivery::NotSent(Obstacle("no such host".into())),
        }
    }

    /// Gives a token back. That it fails is no harm: the token ends by itself after 4 hours.
    pub(super) async fn invalidate(&self, host: Host, token: &Token) {
        let header = HeaderValue::try_from(format!("Bearer {}", token.expose())).map(sensitive);
        let Some(bindings) = header.ok().and_then(|header| self.bindings(host, header)) else {
            return;
        };
        if !matches!(
            delivery(bindings.invalidate_token().await).await,
            Delivery::Answered(Answer { status: 200, .. })
        ) {
            tracing::info!(host = host.0, "a token could not be given back");
        }
    }

    fn bindings(&self, host: Host, authorization: HeaderValue) -> Option<Bindings> {
        let (_, base) = self.hosts.all().find(|(each, _)| *each == host)?;
        let wire = Arc::new(Fixed {
            authorization: Some(authorization),
            timeout: self.timeout,
        });
        Some(Bindings::new_with_client(base, self.http.clone(), wire))
    }
}

fn refused(body: &[u8]) -> Denial {
    let text = reading::login(body).unwrap_or_else(|| "HTTP 401".into());
    if reading::is_source_address(&text) {
        Denial::SourceAddress
    } else {
        Denial::Credentials(text)
    }
}

fn unreachable(why: &str) -> NoToken {
    NoToken::Unreachable(Obstacle(why.into()))
}
