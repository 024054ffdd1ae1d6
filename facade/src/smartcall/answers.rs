//! Answers from raw bytes, read as those from the wire are: through the bindings, then by what arrived.

use progenitor_client::{Error, ResponseValue};
use serde::de::DeserializeOwned;

use crate::recovery::Delivery;
use crate::transport::delivery::{Answer, delivery};

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
}

/// What the facade makes of an answer with this status and body.
pub(super) async fn answer<T: DeserializeOwned>(
    status: u16,
    body: impl Into<Vec<u8>>,
) -> Delivery<Answer<T>> {
    let response = http::Response::builder()
        .status(status)
        .body(body.into())
        .expect("an answer");
    let response = reqwest::Response::from(response);
    delivery(match status {
        200 => ResponseValue::from_response(response).await,
        _ => Err(Error::UnexpectedResponse(response)),
    })
    .await
}
