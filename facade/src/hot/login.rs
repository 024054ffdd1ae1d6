//! Logging in, and refreshing a token (docs). A token is a JWT; the docs' sample lives 300 seconds.
//!
//! **The rule: a token that has ended is refreshed; whatever a refresh says other than 200 is followed by one login, and then by nothing.**
//! Refreshing early is assumed to be refused, so a token that is only about to end is replaced by a login. A refresh token changes with each
//! use and can be voided by another process: it is used once, and is kept in memory only.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use recharge_bindings::hot::{Client as Bindings, types};
use serde_json::Value;
use zeroize::Zeroize;

use super::reading::{self, text};
use crate::ambient::Ambient;
use crate::auth::{Issued, Issuer, Life, NoToken};
use crate::domain::{Secret, Timestamp};
use crate::recovery::{Class, Delivery, Denial, Host, Obstacle};
use crate::transport::delivery::{Answer, Body, delivery};
use crate::transport::fixed::Fixed;
use crate::transport::hosts::Hosts;

/// The calls about tokens. They move nothing and may be made again.
pub(super) const CLASSES: &[(&str, Class)] =
    &[("login", Class::Read), ("refreshToken", Class::Read)];

/// How long a token is used that does not say when it ends.
const LIFETIME_UNKNOWN: Duration = Duration::from_secs(60);
/// No token is believed to live longer.
const LIFETIME_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// Logs in with an access code and a password.
pub(super) struct Login {
    pub(super) http: reqwest::Client,
    pub(super) hosts: Hosts,
    pub(super) access_code: Secret,
    pub(super) password: Secret,
    pub(super) timeout: Duration,
    pub(super) ambient: Arc<dyn Ambient>,
    /// The last pair, until it is used.
    pub(super) pair: Mutex<Option<Pair>>,
}

/// A token, and what refreshes it once it has ended.
pub(super) struct Pair {
    token: Secret,
    refresh_token: Secret,
    ends_at: Timestamp,
}

impl Issuer for Login {
    const SCHEME: &'static str = "bearerAuth";
    const LIFE: Life = Life {
        // Longer than a request is on its way to the service.
        margin: Duration::from_secs(15),
        margin_jitter: Duration::from_secs(5),
        idle_max: Duration::MAX,
        use_min: Duration::from_secs(5),
    };

    /// The body of a 401 is not documented.
    fn refuses_token(&self, _: &[u8]) -> bool {
        true
    }

    async fn issue(&self, host: Host) -> Result<Issued, NoToken> {
        let Some((_, base)) = self.hosts.all().find(|(each, _)| *each == host) else {
            return Err(unreachable("no such host"));
        };
        let wire = Arc::new(Fixed {
            authorization: None,
            timeout: self.timeout,
        });
        let bindings = Bindings::new_with_client(base, self.http.clone(), wire);
        let pair = self.take_pair();
        if let Some(pair) = pair.filter(|pair| self.ambient.now() >= pair.ends_at)
            && let Some(issued) = self.refresh(&bindings, &pair).await
        {
            return Ok(issued);
        }
        self.log_in(&bindings).await
    }
}

impl Login {
    fn take_pair(&self) -> Option<Pair> {
        self.pair
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    async fn log_in(&self, bindings: &Bindings) -> Result<Issued, NoToken> {
        tracing::info!("logging in");
        let mut request = types::LoginRequest::new(
            self.access_code.expose().to_owned(),
            self.password.expose().to_owned(),
        );
        let asked_at = self.ambient.now();
        let answer = delivery(bindings.login(&request).await).await;
        request.password.zeroize();
        match answer {
            Delivery::Answered(Answer {
                status: 200,
                body: Body::Typed(tokens),
                ..
            }) => self
                .issued(tokens, asked_at)
                .ok_or_else(|| unreachable("the login was answered without a token")),
            Delivery::Answered(Answer {
                status: status @ (400 | 401),
                body: Body::Raw(body),
                ..
            }) => Err(self.refused(status, &body)),
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

    /// A new pair for one that has ended; nothing if the answer is anything but one.
    async fn refresh(&self, bindings: &Bindings, pair: &Pair) -> Option<Issued> {
        let mut request = types::RefreshRequest::new(
            pair.refresh_token.expose().to_owned(),
            pair.token.expose().to_owned(),
        );
        let asked_at = self.ambient.now();
        let answer = delivery(bindings.refresh_token(&request).await).await;
        request.token.zeroize();
        request.refresh_token.zeroize();
        match answer {
            Delivery::Answered(Answer {
                status: 200,
                body: Body::Typed(tokens),
                ..
            }) => self.issued(tokens, asked_at),
            _ => {
                tracing::info!("the token could not be refreshed");
                None
            }
        }
    }

    fn issued(&self, tokens: types::Tokens, asked_at: Timestamp) -> Option<Issued> {
        let token = Secret::new(text(&tokens.token)?);
        let expires_at = asked_at + lifetime(token.expose(), self.ambient.wall());
        let pair = text(&tokens.refresh_token).map(|refresh_token| Pair {
            token: token.clone(),
            refresh_token: Secret::new(refresh_token),
            ends_at: expires_at,
        });
        *self.pair.lock().unwrap_or_else(PoisonError::into_inner) = pair;
        Some(Issued { token, expires_at })
    }

    /// A login that was refused in one of the shapes of the service's errors. Another body is not the service's word.
    fn refused(&self, status: u16, body: &[u8]) -> NoToken {
        let text = reading::errors(body).map(|errors| errors.message);
        let text = text.or_else(|| (status == 401).then(|| "HTTP 401".to_owned()));
        match text {
            Some(text) => {
                let text = text.replace(self.access_code.expose(), "[access code]");
                NoToken::Denied(Denial::Credentials(text))
            }
            None => unreachable(&format!("the login was answered with HTTP {status}")),
        }
    }
}

fn unreachable(why: &str) -> NoToken {
    NoToken::Unreachable(Obstacle(why.into()))
}

/// How long a token lives, by its own words, which are read and not verified: that is the service's business. The difference of `exp` and `iat`
/// is the same whatever our clock says; without `iat`, `exp` is compared with it.
fn lifetime(token: &str, wall: Timestamp) -> Duration {
    let claims = token
        .split('.')
        .nth(1)
        .and_then(|claims| URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok())
        .and_then(|claims| serde_json::from_slice::<Value>(&claims).ok())
        .unwrap_or_default();
    let seconds = |claim: &str| match &claims[claim] {
        Value::Number(number) => number
            .as_u64()
            .or_else(|| number.as_f64().map(|seconds| seconds as u64)),
        _ => None,
    };
    let since = seconds("iat").unwrap_or(wall.0 / 1000);
    seconds("exp")
        .and_then(|exp| exp.checked_sub(since))
        .filter(|seconds| *seconds > 0)
        .map_or(LIFETIME_UNKNOWN, Duration::from_secs)
        .min(LIFETIME_MAX)
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_lives_as_long_as_it_says_whatever_our_clock_says() {
        for wall in [0, 1_800_000_000, u64::MAX / 1000] {
            let wall = Timestamp(wall * 1000);
            let claims = token(r#"{"iat":1800000000,"exp":1800000300,"jti":"x"}"#);
            assert_eq!(lifetime(&claims, wall), Duration::from_secs(300));
        }
        let claims = token(r#"{"exp":1800000300.0}"#);
        assert_eq!(
            lifetime(&claims, Timestamp(1_800_000_100_000)),
            Duration::from_secs(200)
        );
    }

    #[test]
    fn a_token_that_does_not_say_lives_shortly() {
        let wall = Timestamp(1_800_000_000_000);
        for odd in [
            String::new(),
            "opaque".into(),
            "a.b.c".into(),
            token("{}"),
            token("[]"),
            token("null"),
            token(r#"{"exp":"1800000300"}"#),
            token(r#"{"exp":-1}"#),
            token(r#"{"exp":1700000000}"#),
            token(r#"{"exp":1800000000,"iat":1800000000}"#),
        ] {
            assert_eq!(lifetime(&odd, wall), LIFETIME_UNKNOWN, "{odd}");
        }
        let for_ever = token(r#"{"exp":18446744073709551615,"iat":1}"#);
        assert_eq!(lifetime(&for_ever, wall), LIFETIME_MAX);
    }
}
