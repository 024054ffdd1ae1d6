//! The account and the service: balance (chapter 10 a), registered dealers (10 e), ping (chapter 6), tokens (chapter 14).

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;
use rust_decimal::Decimal;

use super::client::Client;
use super::reading;
use crate::balance::Balances;
use crate::domain::Msisdn;
use crate::error::ReadError;
use crate::recovery::{Class, Delivery, Denial, Host};
use crate::transport::delivery::{Answer, Body, delivery};

/// Reads about the account and the service, and the one thing that is done to tokens by hand.
pub(super) const CLASSES: &[(&str, Class)] = &[
    ("getBalance", Class::Read),
    ("getRegistered", Class::Read),
    ("ping", Class::Read),
    ("flushTokens", Class::Control),
];

impl Client {
    /// The account's balance, in rand.
    ///
    /// # Errors
    /// When the service does not let us in, does not know the account, or does not answer.
    pub async fn balance(&self) -> Result<Decimal, ReadError> {
        self.let_in().await?;
        let answer = self.raw().get_balance(&self.account().to_string()).await;
        let body = checked(success(delivery(answer).await)?, |body| &body.error)?;
        let balance = body
            .balance
            .copied()
            .ok_or_else(|| missing(&body, "a balance"))?;
        self.board().feed(&(), balance, self.lines().ambient.now());
        Ok(balance)
    }

    /// Watches the account's balance, in rand: every answer that carries one is seen, a sale's as well.
    #[must_use]
    pub fn balances(&self) -> Balances {
        self.board().watch(&())
    }

    /// Whether a number is a registered Smartload dealer's (`GET /smartload/registered/{smartloadId}`, chapter 10 e). Any number may be
    /// asked about.
    ///
    /// # Errors
    /// When the service does not let us in, does not say, or does not answer.
    pub async fn is_registered(&self, dealer: Msisdn) -> Result<bool, ReadError> {
        self.let_in().await?;
        let answer = self.raw().get_registered(&dealer.to_string()).await;
        let body = checked(success(delivery(answer).await)?, |body| &body.error)?;
        body.registered
            .copied()
            .ok_or_else(|| missing(&body, "whether it is registered"))
    }

    /// How many tokens this user can still ask for, of 50 (`GET /auth/token`, chapter 14 d). Asked with the user name and the password, so
    /// that it works when none is left.
    ///
    /// # Errors
    /// When the service does not let us in, does not say, or does not answer.
    pub async fn tokens_left(&self) -> Result<u32, ReadError> {
        let mut unanswered = ReadError::Unreachable(String::new());
        for host in 0..self.lines().hosts.count() {
            let answer = success(self.login().available(Host(host)).await);
            match answer.and_then(|body| tokens(&body)) {
                Err(error @ ReadError::Unreachable(_)) => unanswered = error,
                Err(error @ ReadError::Service { status: 500.., .. }) => unanswered = error,
                told => return told,
            }
        }
        Err(unanswered)
    }

    /// **Invalidates every token of this user: those of all other clients and processes too**, on every host (`DELETE /auth/token`,
    /// chapter 14 c). Each of them has to log in anew; a sale that is on its way is answered with 401 and goes again under a new token. For
    /// when the limit of 50 tokens was used up by clients that are gone. Nothing in this library calls it by itself.
    ///
    /// Gives back how many tokens can be asked for now. Sent once to each host, with the user name and the password.
    ///
    /// # Errors
    /// When a host does not let us in, or does not confirm it. Then it is not known whether the tokens of that host still hold; calling
    /// again does no further harm.
    pub async fn flush_tokens_of_all_clients(&self) -> Result<u32, ReadError> {
        let mut left = Ok(u32::MAX);
        for host in 0..self.lines().hosts.count() {
            let answer = success(self.login().flush(Host(host)).await);
            let told = answer.and_then(|body| tokens(&body));
            left = left.and_then(|left| told.map(|told| left.min(told)));
        }
        // Ours are dead as well, or may be.
        self.lines().tokens.take_all().await;
        left
    }

    /// Asks whether a host is there. Needs no token.
    ///
    /// # Errors
    /// When none answers.
    pub async fn ping(&self) -> Result<String, ReadError> {
        let body = success(delivery(self.raw().ping().await).await)?;
        reading::text(&body.response)
            .ok_or_else(|| ReadError::Unreadable("the ping was answered without a response".into()))
    }

    /// Logs in to the first host that answers, so that a refusal is told by its type.
    pub(super) async fn let_in(&self) -> Result<(), ReadError> {
        self.lines().let_in().await
    }
}

/// A documented success, or what stands for it.
pub(super) fn success<T>(delivery: Delivery<Answer<T>>) -> Result<T, ReadError> {
    match delivery {
        Delivery::Answered(Answer {
            body: Body::Typed(body),
            ..
        }) => Ok(body),
        Delivery::Answered(Answer {
            status,
            body: Body::Raw(bytes),
            ..
        }) => Err(service_error(status, &bytes)),
        Delivery::NotSent(obstacle) => Err(ReadError::Unreachable(obstacle.0)),
        Delivery::MaybeSent(loss) => Err(ReadError::Unreachable(loss.to_string())),
    }
}

fn service_error(status: u16, body: &[u8]) -> ReadError {
    match (status, reading::bare(body), reading::login(body)) {
        (200, ..) => ReadError::Unreadable("not the documented JSON".into()),
        (401, _, Some(text)) if reading::is_source_address(&text) => {
            ReadError::Denied(Denial::SourceAddress)
        }
        (401, _, Some(text)) => ReadError::Denied(Denial::Credentials(text)),
        (_, Some(said), _) => ReadError::Service {
            status,
            code: said.code,
            message: said.message,
        },
        (_, None, text) => ReadError::Service {
            status,
            code: None,
            message: text.unwrap_or_default(),
        },
    }
}

/// A success, if the member `error` does not say otherwise.
pub(super) fn checked<T: serde::Serialize>(
    body: T,
    error: impl Fn(&T) -> &Field<types::Error>,
) -> Result<T, ReadError> {
    match error(&body) {
        Field::Value(_) => Err(missing(&body, "a success")),
        _ => Ok(body),
    }
}

/// Why what was asked for is not in a success: the error that is there in its place, bare or wrapped, or none.
pub(super) fn missing<T: serde::Serialize>(body: &T, what: &str) -> ReadError {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    if let Some(said) = reading::bare(&bytes) {
        return ReadError::Service {
            status: 200,
            code: said.code,
            message: said.message,
        };
    }
    let said = serde_json::from_slice::<types::BaseResponse>(&bytes).unwrap_or_default();
    let failed = !matches!(
        reading::text(&said.response_code).as_deref(),
        None | Some("SUCCESS")
    );
    if matches!(said.error, Field::Value(_)) || failed {
        return refused(&said.error, &said.response_code);
    }
    ReadError::Unreadable(format!("answered without {what}"))
}

fn tokens(body: &types::TokenCount) -> Result<u32, ReadError> {
    let count = body.available_tokens.copied();
    count
        .and_then(|count| u32::try_from(count).ok())
        .ok_or_else(|| missing(body, "a number of tokens"))
}

/// A success without what was asked for.
fn refused(
    error: &recharge_bindings::Field<types::Error>,
    response_code: &recharge_bindings::Field<String>,
) -> ReadError {
    let (_, code, message) = reading::error_member(error);
    let message = message
        .or_else(|| reading::text(response_code))
        .unwrap_or_default();
    ReadError::Service {
        status: 200,
        code,
        message,
    }
}
