//! Who may call: one access code, tokens that live for minutes, and one refresh token.
//!
//! A token is good on all hosts until its `exp`, whatever was issued since. The refresh token changes at each login and each
//! refresh; only the last one is good, only together with the token it came with, and only once that one has expired. So a
//! second process with the same access code takes the refresh token away from the first.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Serialize;

use super::members::Members;
use super::wire::{self, Problem};
use crate::auth;
use crate::clock::ms;
use crate::world::World;

const WRONG: Problem = Problem::Text("User/password combination is wrong.");
const EARLY: Problem = Problem::Text("This token hasn't expired yet.");
const NO_REFRESH: Problem = Problem::Text("This refresh token is not valid.");

/// What a login gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pair {
    token: String,
    refresh_token: String,
}

/// The credentials and the tokens issued for them.
pub(crate) struct Identity {
    access_code: String,
    password: String,
    lifetime_ms: i64,
    /// When each live token ends.
    live: HashMap<String, i64>,
    /// The last pair, and when its token ends.
    last: Option<(Pair, i64)>,
    issued: u64,
    pub(super) logins: u64,
    pub(super) refreshes: u64,
}

impl Identity {
    pub(super) fn new(access_code: String, password: String, lifetime: Duration) -> Self {
        Self {
            access_code,
            password,
            lifetime_ms: ms(lifetime),
            live: HashMap::new(),
            last: None,
            issued: 0,
            logins: 0,
            refreshes: 0,
        }
    }

    fn login(&mut self, access_code: &str, password: &str, now_ms: i64) -> Result<Pair, Problem> {
        if access_code != self.access_code || password != self.password {
            return Err(WRONG);
        }
        self.logins += 1;
        Ok(self.issue(now_ms))
    }

    fn refresh(&mut self, token: &str, refresh_token: &str, now_ms: i64) -> Result<Pair, Problem> {
        let last = self.last.as_ref();
        let (_, ends_ms) = last
            .filter(|(last, _)| last.token == token && last.refresh_token == refresh_token)
            .ok_or(NO_REFRESH)?;
        if now_ms < *ends_ms {
            return Err(EARLY);
        }
        self.refreshes += 1;
        Ok(self.issue(now_ms))
    }

    fn issue(&mut self, now_ms: i64) -> Pair {
        self.live.retain(|_, ends_ms| now_ms < *ends_ms);
        self.issued += 1;
        let iat = now_ms.div_euclid(1000);
        let exp = now_ms
            .saturating_add(self.lifetime_ms)
            .saturating_add(999)
            .div_euclid(1000);
        let nth = self.issued.to_string();
        let claims = serde_json::json!({
            "sub": self.access_code,
            "jti": nth,
            "email": self.access_code,
            "id": "1",
            "AccountId": "1",
            "nbf": iat,
            "exp": exp,
            "iat": iat,
        });
        let pair = Pair {
            token: auth::shaped_like_jwt(&claims),
            refresh_token: STANDARD.encode(auth::noise(&[
                "refresh",
                &self.access_code,
                &now_ms.to_string(),
                &nth,
            ])),
        };
        let ends_ms = exp.saturating_mul(1000);
        self.live.insert(pair.token.clone(), ends_ms);
        self.last = Some((pair.clone(), ends_ms));
        pair
    }

    /// Whether an `Authorization: Bearer` header is good.
    pub(super) fn is_good(&self, header: Option<&str>, now_ms: i64) -> bool {
        auth::credentials(header, "Bearer")
            .and_then(|token| self.live.get(token))
            .is_some_and(|ends_ms| now_ms < *ends_ms)
    }

    /// Ends a token before its time.
    pub(super) fn kill(&mut self, token: &str) {
        self.live.remove(token);
    }

    /// Ends every token, and the refresh token.
    pub(crate) fn flush(&mut self) {
        self.live.clear();
        self.last = None;
    }
}

/// `POST /identity/login`.
pub(super) async fn login(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let members = Members::of(&headers, &body)?;
    let (access_code, password) = (
        members.required("AccessCode")?,
        members.required("Password")?,
    );
    let now_ms = world.now_ms();
    let pair = world
        .hot
        .identity()
        .login(&access_code, &password, now_ms)?;
    Ok(wire::ok(&pair))
}

/// `POST /identity/refresh`.
pub(super) async fn refresh(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    let members = Members::of(&headers, &body)?;
    let (token, refresh_token) = (
        members.required("Token")?,
        members.required("RefreshToken")?,
    );
    let now_ms = world.now_ms();
    let pair = world
        .hot
        .identity()
        .refresh(&token, &refresh_token, now_ms)?;
    Ok(wire::ok(&pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        Identity::new(
            "shop".to_owned(),
            "secret".to_owned(),
            Duration::from_secs(300),
        )
    }

    fn login(identity: &mut Identity, now_ms: i64) -> Pair {
        identity
            .login("shop", "secret", now_ms)
            .unwrap_or_else(|problem| panic!("{problem:?}"))
    }

    #[test]
    fn a_token_is_good_until_its_second_even_after_another_login() {
        let mut identity = identity();
        let first = login(&mut identity, 500);
        let second = login(&mut identity, 600);
        assert_ne!(first, second);
        let bearer = format!("Bearer {}", first.token);
        assert!(identity.is_good(Some(&bearer), 300_999));
        assert!(!identity.is_good(Some(&bearer), 301_000));
        assert!(!identity.is_good(None, 0) && !identity.is_good(Some("Bearer x"), 0));
    }

    #[test]
    fn only_the_last_refresh_token_is_good_and_only_after_its_token() {
        let mut identity = identity();
        let old = login(&mut identity, 0);
        let new = login(&mut identity, 0);
        assert_eq!(
            identity.refresh(&old.token, &old.refresh_token, 400_000),
            Err(NO_REFRESH)
        );
        assert_eq!(
            identity.refresh(&old.token, &new.refresh_token, 400_000),
            Err(NO_REFRESH)
        );
        assert_eq!(
            identity.refresh(&new.token, &new.refresh_token, 299_999),
            Err(EARLY)
        );
        let next = identity.refresh(&new.token, &new.refresh_token, 300_000);
        assert!(next.is_ok());
        assert_eq!(
            identity.refresh(&new.token, &new.refresh_token, 300_000),
            Err(NO_REFRESH)
        );
        assert_eq!((identity.logins, identity.refreshes), (2, 1));
    }
}
