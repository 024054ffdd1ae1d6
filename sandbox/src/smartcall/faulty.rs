//! Applies the faults of [`crate::faults`] to requests.
//!
//! The whole request is read before anything is done to it, so "before the sale" means: the service got every byte and did
//! nothing. An operation runs in a task of its own: like the real service, the sandbox finishes what it has begun when the
//! client hangs up.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;

use super::{authorization, wire};
use crate::auth;
use crate::clock::{ms, pause};
use crate::faults::{Decision, Faults, Kind, Operation};
use crate::server::{Cut, Origin};
use crate::view::Attempt;
use crate::world::World;

/// How long the other hosts do not show the row of this request, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lag(pub(super) i64);

const LONGEST_BODY: usize = 1 << 20;

/// The layer.
pub(super) async fn interfere(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return wire::page(StatusCode::PAYLOAD_TOO_LARGE, "The request is too long.");
    };
    let (operation, key) = submission(&parts, &body);
    let (faults, decision) = world.throw(operation, &key);
    parts.extensions.insert(Lag(lag(&world, &faults, decision)));
    let attempt =
        (operation == Operation::Recharge).then(|| note(&world, &origin, &parts, key, decision));
    let token = auth::credentials(authorization(&parts.headers), "Bearer").map(str::to_owned);
    let call = Call {
        world,
        next,
        request: Request::from_parts(parts, Body::from(body)),
        attempt,
    };
    match decision.kind {
        None => call.run().await,
        Some(Kind::Auth401) => dead_token(&call.world, token.as_deref()),
        Some(kind) => apply(kind, call, &origin, &faults, decision.variant).await,
    }
}

/// What is asked for, and the name under which its submissions are counted.
fn submission(parts: &Parts, body: &[u8]) -> (Operation, String) {
    let path = parts.uri.path();
    if path.starts_with("/webservice/auth") {
        return (Operation::Login, path.to_owned());
    }
    if parts.method != Method::POST {
        return (Operation::Read, path.to_owned());
    }
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let reference = body
        .get("clientReference")
        .and_then(serde_json::Value::as_str);
    (
        Operation::Recharge,
        reference.unwrap_or_default().to_owned(),
    )
}

fn lag(world: &World, faults: &Faults, decision: Decision) -> i64 {
    let by_fault = if decision.lags { ms(faults.lag) } else { 0 };
    by_fault.max(ms(world.settings.cross_host_lag))
}

fn note(
    world: &World,
    origin: &Origin,
    parts: &Parts,
    reference: String,
    decision: Decision,
) -> usize {
    let attempt = Attempt {
        reference,
        nth: decision.nth,
        host: origin.host,
        at_ms: world.now_ms(),
        path: parts.uri.path().to_owned(),
        fault: decision.kind.map(Kind::name),
        lags: decision.lags,
        answer: None,
    };
    tracing::info!(?attempt, "recharge");
    world.ledger().attempted(attempt)
}

/// A request on its way to its operation.
struct Call {
    world: Arc<World>,
    next: Next,
    request: Request,
    attempt: Option<usize>,
}

impl Call {
    /// Runs the operation to its end, whether or not anybody waits for it.
    async fn run(self) -> Response {
        let Self {
            world,
            next,
            request,
            attempt,
        } = self;
        let done = tokio::spawn(async move {
            let response = next.run(request).await;
            if let Some(attempt) = attempt {
                world.ledger().answered(attempt, response.status().as_u16());
            }
            response
        });
        done.await
            .unwrap_or_else(|_| wire::page(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL))
    }

    fn run_after(self, delay: std::time::Duration) {
        tokio::spawn(async move {
            pause(delay).await;
            self.run().await
        });
    }
}

async fn apply(kind: Kind, call: Call, origin: &Origin, faults: &Faults, variant: u64) -> Response {
    match kind {
        Kind::ResetBefore => origin.cut(Cut::Reset).await,
        Kind::FinBefore => origin.cut(Cut::Close).await,
        Kind::Status500Before => broken_500(variant),
        Kind::Status503Before => broken_503(variant),
        Kind::LateSale => {
            call.run_after(faults.late_sale);
            origin.cut(Cut::Reset).await
        }
        Kind::Refuse => {
            let world = call.world.clone();
            let response = call.run().await;
            world.close_host(origin.host, faults.refuse).await;
            response
        }
        _ => after(kind, call.run().await, origin, faults, variant).await,
    }
}

/// What becomes of the answer of an operation that has been done.
async fn after(
    kind: Kind,
    response: Response,
    origin: &Origin,
    faults: &Faults,
    variant: u64,
) -> Response {
    match kind {
        Kind::ResetAfter => origin.cut(Cut::Reset).await,
        Kind::FinAfter => origin.cut(Cut::Close).await,
        Kind::Status500After => broken_500(variant),
        Kind::Status503After => broken_503(variant),
        Kind::CutBody => cut_body(response, variant).await,
        Kind::ForeignBody => foreign_body(variant),
        Kind::LateAnswer => {
            pause(faults.late_answer).await;
            response
        }
        _ => response,
    }
}

/// The token is not only called dead: it is.
fn dead_token(world: &World, token: Option<&str>) -> Response {
    if let Some(token) = token {
        world.tokens().invalidate(token);
    }
    wire::unauthorised(auth::DEAD_TOKEN)
}

const INTERNAL: &str = "JBWEB000145: The server encountered an internal error that prevented it from fulfilling this request.";
const UNAVAILABLE: &str = "JBWEB000149: The requested service is not currently available.";

/// Neither variant says anything about the recharge: a 500 is no answer to it (chapter 10 f).
fn broken_500(variant: u64) -> Response {
    match variant % 3 {
        0 => meaningless(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        1 => status_only(StatusCode::INTERNAL_SERVER_ERROR),
        _ => wire::page(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL),
    }
}

fn broken_503(variant: u64) -> Response {
    let mut response = match variant % 3 {
        0 => meaningless(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        1 => status_only(StatusCode::SERVICE_UNAVAILABLE),
        _ => wire::page(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
    };
    if variant & 8 == 0 {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn meaningless(status: StatusCode, text: &str) -> Response {
    wire::json(
        status,
        &serde_json::json!({ "status": status.as_u16(), "error": text }),
    )
}

fn status_only(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Half of the body, then the end of the connection: short of the announced length, or in the middle of the chunks.
async fn cut_body(response: Response, variant: u64) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, LONGEST_BODY).await.unwrap_or_default();
    let half: Bytes = body.slice(..body.len() / 2);
    if variant.is_multiple_of(2) {
        parts
            .headers
            .insert(CONTENT_LENGTH, HeaderValue::from(body.len().max(1)));
    }
    Response::from_parts(parts, Body::new(wire::Chunks::broken(half)))
}

/// 200, but not from the service: a page of something in between, or an answer to another question.
fn foreign_body(variant: u64) -> Response {
    match variant % 3 {
        0 => wire::ok(&serde_json::json!({ "response": "Pong" })),
        1 => wire::ok(&serde_json::json!([])),
        _ => {
            let mut response =
                Response::new(Body::from("<html><body><h1>Welcome</h1></body></html>"));
            response.headers_mut().insert(
                CONTENT_TYPE,
                HeaderValue::from_static("text/html;charset=utf-8"),
            );
            response
        }
    }
}
