//! Authentication: chapter 14, and question 5 of chapter 17.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;

use super::{authorization, wire};
use crate::auth;
use crate::world::World;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenCount {
    available_tokens: usize,
}

/// `POST /auth`, with Basic credentials and no body.
pub(super) async fn authenticate(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let now_ms = world.now_ms();
    let mut tokens = world.tokens();
    tokens
        .check_basic(authorization(&headers))
        .map_err(wire::unauthorised)?;
    let Some(issued) = tokens.issue(now_ms) else {
        let text = format!(
            "Maximum concurrent session limit reached. Limit is {}",
            tokens.limit()
        );
        return Err(wire::json(
            StatusCode::TOO_MANY_REQUESTS,
            &wire::AuthBody::only(text),
        ));
    };
    Ok(wire::ok(&wire::AuthBody {
        response_description: "Authentication successful".to_owned(),
        access_token: Some(issued.token),
        token_type: Some("Bearer"),
        expires_at: Some(issued.expires_at_ms),
        scope: Some("WEBSERVICE_SMARTLOAD_FULL,WEBSERVICE_SMARTRICA_FULL"),
    }))
}

/// `DELETE /auth`: the token in use.
pub(super) async fn invalidate(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.bearer(&headers)?;
    if let Some(token) = auth::credentials(authorization(&headers), "Bearer") {
        world.tokens().invalidate(token);
    }
    Ok(wire::ok(&wire::AuthBody::only(
        "Token invalidation successful",
    )))
}

/// `GET /auth/token`: how many more tokens the user may have.
pub(super) async fn available(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    either(&world, &headers)?;
    Ok(count(&world))
}

/// `DELETE /auth/token`: all tokens of the user, the one in use included.
pub(super) async fn flush(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    either(&world, &headers)?;
    world.tokens().flush();
    Ok(count(&world))
}

fn count(world: &World) -> Response {
    wire::ok(&TokenCount {
        available_tokens: world.tokens().available(world.now_ms()),
    })
}

/// Basic and Bearer are both good here.
fn either(world: &World, headers: &HeaderMap) -> Result<(), Response> {
    let header = authorization(headers);
    if auth::credentials(header, "Basic").is_some() {
        return world
            .tokens()
            .check_basic(header)
            .map_err(wire::unauthorised);
    }
    world.bearer(headers)
}
