//! Reads about the account and the service: balance (chapter 10 a), ping (chapter 6).

use recharge_bindings::smartcall::types;
use rust_decimal::Decimal;

use super::client::Client;
use super::reading;
use crate::auth::NoToken;
use crate::error::ReadError;
use crate::recovery::{Class, Delivery, Denial, Host};
use crate::transport::delivery::{Answer, Body, delivery};

/// Reads about the account and the service.
pub(super) const CLASSES: &[(&str, Class)] = &[("getBalance", Class::Read), ("ping", Class::Read)];

impl Client {
    /// The account's balance, in rand.
    ///
    /// # Errors
    /// When the service does not let us in, does not know the account, or does not answer.
    pub async fn balance(&self) -> Result<Decimal, ReadError> {
        self.let_in().await?;
        let answer = self.raw().get_balance(&self.account().to_string()).await;
        let body = success(delivery(answer).await)?;
        body.balance
            .copied()
            .ok_or_else(|| refused(&body.error, &body.response_code))
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
        let mut unreachable = String::new();
        for host in 0..self.lines().hosts.count() {
            match self.lines().tokens.get(Host(host)).await {
                Ok(_) => return Ok(()),
                Err(NoToken::Denied(denial)) => return Err(ReadError::Denied(denial)),
                Err(NoToken::Unreachable(obstacle)) => unreachable = obstacle.0,
            }
        }
        Err(ReadError::Unreachable(unreachable))
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
