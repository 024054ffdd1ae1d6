//! What a tester needs beside the service: `GET /ledger`, `GET /faults`, `POST /faults`. No authorization, no faults.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::faults::Faults;
use crate::world::World;

/// The paths outside `/webservice`.
pub(crate) fn router(world: &Arc<World>) -> Router {
    Router::new()
        .route("/ledger", get(ledger))
        .route("/faults", get(faults).post(set_faults))
        .with_state(world.clone())
}

async fn ledger(State(world): State<Arc<World>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], world.view().to_json())
}

async fn faults(State(world): State<Arc<World>>) -> String {
    world.faults().to_string()
}

/// Takes a specification and answers with the faults that hold from now on.
async fn set_faults(
    State(world): State<Arc<World>>,
    spec: String,
) -> Result<String, (StatusCode, String)> {
    let faults: Faults = spec
        .parse()
        .map_err(|error: crate::FaultsError| (StatusCode::BAD_REQUEST, error.to_string()))?;
    let spec = faults.to_string();
    world.set_faults(faults);
    Ok(spec)
}
