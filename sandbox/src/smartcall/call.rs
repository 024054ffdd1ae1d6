//! A request as it reaches its operation: its content type is right and its token is good, or it does not get here.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::request::{self, Member, text};
use super::segments::Segments;
use super::selling::Buyer;
use super::wire;
use crate::faulty::Lag;
use crate::server::Origin;
use crate::world::World;

/// A request with a body.
pub(super) struct Post {
    pub(super) world: Arc<World>,
    pub(super) host: usize,
    pub(super) lag_ms: i64,
    pub(super) body: Bytes,
}

impl Post {
    /// The members of the body, or the bare error.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Response> {
        request::read(&self.body).map_err(wire::bad_request)
    }

    /// Who pays, if it is one of the user's accounts.
    pub(super) fn buyer(&self, smartload_id: &Member) -> Result<Buyer, Response> {
        Ok(Buyer {
            account: self.world.account(&text(smartload_id))?,
            host: self.host,
            lag_ms: self.lag_ms,
        })
    }
}

impl FromRequest<Arc<World>> for Post {
    type Rejection = Response;

    async fn from_request(request: Request, world: &Arc<World>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        wire::require_json(&parts.headers)?;
        world.bearer(&parts.headers)?;
        let lag = parts.extensions.get().map_or(0, |Lag(lag_ms)| *lag_ms);
        let host = host(&parts);
        // Its length was limited before.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        Ok(Self {
            world: world.clone(),
            host,
            lag_ms: lag,
            body,
        })
    }
}

/// A request that says everything in its path.
pub(super) struct Get<const N: usize> {
    pub(super) world: Arc<World>,
    pub(super) host: usize,
    pub(super) path: [String; N],
}

impl<const N: usize> FromRequestParts<Arc<World>> for Get<N> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, world: &Arc<World>) -> Result<Self, Response> {
        world.bearer(&parts.headers)?;
        let host = host(parts);
        let Ok(Segments(path)) = Segments::from_request_parts(parts, world).await;
        Ok(Self {
            world: world.clone(),
            host,
            path,
        })
    }
}

fn host(parts: &Parts) -> usize {
    let origin = parts.extensions.get::<Origin>();
    origin.map(|origin| origin.host).unwrap_or_default()
}
