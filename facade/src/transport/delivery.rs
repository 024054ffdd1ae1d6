//! How far a request got, read from what the bindings return.
//!
//! | what the bindings return | delivery |
//! |---|---|
//! | the arguments or the hook refuse, the connection cannot be made | not sent |
//! | time is up, the connection ends, the body is cut | maybe sent |
//! | a documented success, decoded | answered, typed |
//! | anything else that arrived whole | answered, raw |

use std::time::Duration;

use bytes::Bytes;
use progenitor_client::{Error, ResponseValue};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::recovery::{Delivery, Loss, Obstacle};

/// The longest body of an answer that is not a documented success.
const RAW_BODY_MAX: usize = 1 << 20;

/// An answer that arrived whole.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Body<T>,
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Body<T> {
    /// The documented success.
    Typed(T),
    /// Something else.
    Raw(Bytes),
}

/// Reads a result of the bindings.
pub(crate) async fn delivery<T>(
    result: Result<ResponseValue<T>, Error<()>>,
) -> Delivery<Answer<T>> {
    match result {
        Ok(value) => Delivery::Answered(Answer {
            status: value.status().as_u16(),
            retry_after: retry_after(value.headers()),
            body: Body::Typed(value.into_inner()),
        }),
        Err(Error::UnexpectedResponse(response)) => whole(response).await,
        // The bindings declare nothing but HTTP 200, so that is what this was.
        Err(Error::InvalidResponsePayload(bytes, _)) => Delivery::Answered(Answer {
            status: 200,
            retry_after: None,
            body: Body::Raw(bytes),
        }),
        Err(Error::InvalidRequest(text) | Error::Custom(text)) => Delivery::NotSent(Obstacle(text)),
        Err(
            Error::CommunicationError(error)
            | Error::ResponseBodyError(error)
            | Error::InvalidUpgrade(error),
        ) => lost(&error),
        Err(Error::ErrorResponse(_)) => Delivery::MaybeSent(Loss::Unreadable),
    }
}

/// Reads the body of an answer that is not a documented success.
async fn whole<T>(mut response: reqwest::Response) -> Delivery<Answer<T>> {
    let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > RAW_BODY_MAX => {
                return Delivery::MaybeSent(Loss::Unreadable);
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => {
                return Delivery::Answered(Answer {
                    status,
                    retry_after,
                    body: Body::Raw(body.into()),
                });
            }
            Err(error) => return lost(&error),
        }
    }
}

/// Only a connection that was never made, or a request that could not be built, proves that nothing was sent.
pub(crate) fn lost<T>(error: &reqwest::Error) -> Delivery<T> {
    if error.is_connect() || error.is_builder() {
        Delivery::NotSent(Obstacle(describe(error)))
    } else if error.is_timeout() {
        Delivery::MaybeSent(Loss::Timeout)
    } else {
        Delivery::MaybeSent(Loss::Disconnected)
    }
}

/// An error with its causes. URLs are left out: their paths hold accounts and references.
pub(crate) fn describe(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() {
        "no connection in time".to_owned()
    } else {
        "no connection".to_owned()
    };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// `Retry-After` in seconds. The date form is not honoured: it would need the two clocks to agree.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
        .map(Duration::from_secs)
}
