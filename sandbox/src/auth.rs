//! Who may call: one user, up to fifty live tokens.
//!
//! A token lives for 24 hours, or until it was not used for 4 (specification, chapter 6). The limit of 50 and its answer are in
//! chapter 6 and in question 5 of chapter 17. Expired tokens free their slots. The texts of the refusals are what tells a
//! wrong password from a dead token, so they are kept to the letter.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::faults::hash_of;

/// How many tokens a user may have at a time, unless set otherwise.
pub(crate) const LIMIT: usize = 50;
const LIFETIME_MS: i64 = 24 * 3600 * 1000;
const IDLE_MS: i64 = 4 * 3600 * 1000;

pub(crate) const DEAD_TOKEN: &str = "Authorization denied. Token validation failed";
pub(crate) const BAD_HEADER: &str = "Authorization denied. Invalid authorization header";
const BAD_USERNAME: &str = "Invalid username";
const BAD_PASSWORD: &str = "Invalid password";

#[derive(Debug, Clone, Copy)]
struct Token {
    issued_at_ms: i64,
    used_at_ms: i64,
}

impl Token {
    const fn is_live(self, now_ms: i64) -> bool {
        now_ms < self.issued_at_ms + LIFETIME_MS && now_ms < self.used_at_ms + IDLE_MS
    }
}

/// A token just issued.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) expires_at_ms: i64,
}

/// The credentials and the tokens issued for them.
pub(crate) struct Tokens {
    username: String,
    password: String,
    limit: usize,
    live: HashMap<String, Token>,
    issued: u64,
}

impl Tokens {
    pub(crate) fn new(username: String, password: String, limit: usize) -> Self {
        Self {
            username,
            password,
            limit,
            live: HashMap::new(),
            issued: 0,
        }
    }

    /// How many tokens there may be at a time.
    pub(crate) const fn limit(&self) -> usize {
        self.limit
    }

    /// How many tokens were ever issued.
    pub(crate) const fn issued(&self) -> u64 {
        self.issued
    }

    /// How many more the user may have.
    pub(crate) fn available(&mut self, now_ms: i64) -> usize {
        self.live.retain(|_, token| token.is_live(now_ms));
        self.limit.saturating_sub(self.live.len())
    }

    /// Issues a token, or `None` when the limit is reached.
    pub(crate) fn issue(&mut self, now_ms: i64) -> Option<Issued> {
        if self.available(now_ms) == 0 {
            return None;
        }
        self.issued += 1;
        let token = jwt(&self.username, now_ms, self.issued);
        self.live.insert(
            token.clone(),
            Token {
                issued_at_ms: now_ms,
                used_at_ms: now_ms,
            },
        );
        Some(Issued {
            token,
            expires_at_ms: now_ms + LIFETIME_MS,
        })
    }

    pub(crate) fn invalidate(&mut self, token: &str) -> bool {
        self.live.remove(token).is_some()
    }

    pub(crate) fn flush(&mut self) {
        self.live.clear();
    }

    /// Checks an `Authorization: Basic` header.
    pub(crate) fn check_basic(&self, header: Option<&str>) -> Result<(), &'static str> {
        let encoded = credentials(header, "Basic").ok_or(BAD_HEADER)?;
        let decoded = STANDARD
            .decode(encoded)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or(BAD_HEADER)?;
        let (username, password) = decoded.split_once(':').ok_or(BAD_HEADER)?;
        match (username == self.username, password == self.password) {
            (false, _) => Err(BAD_USERNAME),
            (true, false) => Err(BAD_PASSWORD),
            (true, true) => Ok(()),
        }
    }

    /// Checks an `Authorization: Bearer` header and notes the use of its token.
    pub(crate) fn check_bearer(
        &mut self,
        header: Option<&str>,
        now_ms: i64,
    ) -> Result<(), &'static str> {
        let token = credentials(header, "Bearer").ok_or(BAD_HEADER)?;
        let known = self
            .live
            .get_mut(token)
            .filter(|token| token.is_live(now_ms))
            .ok_or(DEAD_TOKEN)?;
        known.used_at_ms = now_ms;
        Ok(())
    }
}

/// What follows the scheme of an authorization header.
pub(crate) fn credentials<'a>(header: Option<&'a str>, scheme: &str) -> Option<&'a str> {
    let (given, rest) = header?.split_once(' ')?;
    Some(rest.trim()).filter(|rest| given.eq_ignore_ascii_case(scheme) && !rest.is_empty())
}

/// A token with the claims of a real one. Its signature signs nothing: the sandbox knows its tokens by heart.
fn jwt(username: &str, now_ms: i64, nth: u64) -> String {
    let seconds = now_ms.div_euclid(1000);
    let claims = serde_json::json!({
        "sub": "Smartcall RESTful Webservice",
        "iss": "smartcall.co.za",
        "nbf": seconds,
        "iat": seconds,
        "exp": seconds + LIFETIME_MS / 1000,
        "clientUsername": username,
        "clientIP": "127.0.0.1",
        "jti": nth,
    });
    shaped_like_jwt(&claims)
}

/// Three parts of base64, the last of which signs nothing.
pub(crate) fn shaped_like_jwt(claims: &serde_json::Value) -> String {
    let (header, claims) = (r#"{"alg":"HS256"}"#, claims.to_string());
    let signature = URL_SAFE_NO_PAD.encode(noise(&[&claims]));
    let (header, claims) = (
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims),
    );
    format!("{header}.{claims}.{signature}")
}

/// 32 bytes that depend on these words alone.
pub(crate) fn noise(words: &[&str]) -> Vec<u8> {
    let part = |part: u8| {
        let part = part.to_string();
        hash_of(&[words, &[part.as_str()]].concat()).to_be_bytes()
    };
    (0..4u8).flat_map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3600 * 1000;

    fn tokens() -> Tokens {
        Tokens::new("sandbox".to_owned(), "secret".to_owned(), LIMIT)
    }

    fn issue(tokens: &mut Tokens, now_ms: i64) -> String {
        let issued = tokens
            .issue(now_ms)
            .unwrap_or_else(|| panic!("no slot left"));
        format!("Bearer {}", issued.token)
    }

    #[test]
    fn the_fifty_first_token_is_refused_until_a_slot_is_free() {
        let mut tokens = tokens();
        for _ in 0..LIMIT {
            issue(&mut tokens, 0);
        }
        assert!(tokens.issue(1).is_none());
        assert!(tokens.issue(IDLE_MS).is_some());
        tokens.flush();
        assert_eq!(tokens.available(IDLE_MS), LIMIT);
    }

    #[test]
    fn a_token_dies_after_four_idle_hours_and_after_a_day_of_use() {
        let mut tokens = tokens();
        let idle = issue(&mut tokens, 0);
        let busy = issue(&mut tokens, 0);
        for hour in 1..24 {
            assert_eq!(
                tokens.check_bearer(Some(&busy), hour * HOUR_MS),
                Ok(()),
                "hour {hour}"
            );
        }
        assert_eq!(
            tokens.check_bearer(Some(&busy), 24 * HOUR_MS),
            Err(DEAD_TOKEN)
        );
        assert_eq!(
            tokens.check_bearer(Some(&idle), 4 * HOUR_MS),
            Err(DEAD_TOKEN)
        );
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        let mut tokens = tokens();
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        assert_eq!(tokens.check_basic(Some(&basic("sandbox:secret"))), Ok(()));
        assert_eq!(
            tokens.check_basic(Some(&basic("nobody:secret"))),
            Err(BAD_USERNAME)
        );
        assert_eq!(
            tokens.check_basic(Some(&basic("sandbox:wrong"))),
            Err(BAD_PASSWORD)
        );
        assert_eq!(tokens.check_basic(None), Err(BAD_HEADER));
        for header in [None, Some("Bearer"), Some("Bearer "), Some("Basic abc")] {
            assert_eq!(
                tokens.check_bearer(header, 0),
                Err(BAD_HEADER),
                "{header:?}"
            );
        }
        assert_eq!(tokens.check_bearer(Some("Bearer abc"), 0), Err(DEAD_TOKEN));
    }
}
