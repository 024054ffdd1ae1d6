//! Applies the faults of [`crate::faults`] to the requests of either service.
//!
//! The whole request is read before anything is done to it, so "before the sale" means: the service got every byte and did
//! nothing. An operation runs in a task of its own: like the real service, the sandbox finishes what it has begun when the
//! client hangs up.
//!
//! What goes wrong, and how often, is the same for both services; how their broken servers look is a [`Service`]'s own affair.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;

use crate::auth;
use crate::chunks::Chunks;
use crate::clock::ms;
use crate::faults::{Decision, Faults, Kind, Operation};
use crate::server::{Cut, Origin};
use crate::view::Attempt;
use crate::world::World;

/// How long the other hosts do not show the row of this request, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lag(pub(crate) i64);

/// Three images of an agent fit.
const LONGEST_BODY: usize = 4 << 20;

/// What the two services do not have in common when something goes wrong.
pub(crate) trait Service: 'static {
    /// Keeps the same reference at two services from meeting the same faults.
    const SALT: &'static str;

    /// What is asked for, and the name under which its submissions are counted: the reference of a recharge, else the path.
    fn submission(parts: &Parts, body: &[u8]) -> (Operation, String);

    /// The path as the client wrote it.
    fn path(parts: &Parts) -> String {
        parts.uri.path().to_owned()
    }

    /// Notes a submission; see [`crate::ledger::Ledger::attempted`].
    fn attempted(world: &World, attempt: Attempt) -> usize;

    /// Notes what the service made of it.
    fn answered(world: &World, attempt: usize, status: u16);

    /// The answer to a body that is too long to be read.
    fn too_long() -> Response;

    /// Kills a token, and says that it is dead.
    fn dead_token(world: &World, token: Option<&str>) -> Response;

    /// A 500 or 503 that says nothing about the recharge, in one of several shapes.
    fn broken(status: StatusCode, variant: u64) -> Response;

    /// 200, but not from the service: a page of something in between, or an answer to another question.
    fn foreign_body(variant: u64) -> Response;
}

/// The layer.
pub(crate) async fn interfere<S: Service>(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return S::too_long();
    };
    let (operation, key) = S::submission(&parts, &body);
    let _reading = (operation == Operation::Read).then(|| world.reads.one());
    let (faults, decision) = world.throw(operation, &format!("{}{key}", S::SALT));
    parts.extensions.insert(Lag(lag(&world, &faults, decision)));
    let attempt = (operation == Operation::Recharge)
        .then(|| note::<S>(&world, &origin, &parts, key, decision));
    let token = auth::credentials(authorization(&parts.headers), "Bearer").map(str::to_owned);
    let call = Call {
        world,
        next,
        request: Request::from_parts(parts, Body::from(body)),
        attempt,
    };
    match decision.kind {
        None => call.run::<S>().await,
        Some(Kind::Auth401) => S::dead_token(&call.world, token.as_deref()),
        Some(kind) => apply::<S>(kind, call, &origin, &faults, decision.variant).await,
    }
}

/// The authorization header, if it is text.
pub(crate) fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
}

fn lag(world: &World, faults: &Faults, decision: Decision) -> i64 {
    let by_fault = if decision.lags { ms(faults.lag) } else { 0 };
    by_fault.max(ms(world.settings.cross_host_lag))
}

fn note<S: Service>(
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
        path: S::path(parts),
        fault: decision.kind.map(Kind::name),
        lags: decision.lags,
        answer: None,
    };
    tracing::info!(?attempt, "recharge");
    S::attempted(world, attempt)
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
    async fn run<S: Service>(self) -> Response {
        let Self {
            world,
            next,
            request,
            attempt,
        } = self;
        let done = tokio::spawn(async move {
            let response = next.run(request).await;
            if let Some(attempt) = attempt {
                S::answered(&world, attempt, response.status().as_u16());
            }
            response
        });
        done.await
            .unwrap_or_else(|_| S::broken(StatusCode::INTERNAL_SERVER_ERROR, PAGE))
    }

    fn run_after<S: Service>(self, delay: Duration) {
        let pause = self.world.pause(delay);
        tokio::spawn(async move {
            pause.await;
            self.run::<S>().await
        });
    }
}

/// The variant of a broken answer that is a page.
const PAGE: u64 = 2;

async fn apply<S: Service>(
    kind: Kind,
    call: Call,
    origin: &Origin,
    faults: &Faults,
    variant: u64,
) -> Response {
    match kind {
        Kind::ResetBefore => origin.cut(Cut::Reset).await,
        Kind::FinBefore => origin.cut(Cut::Close).await,
        Kind::Status500Before => broken_500::<S>(variant),
        Kind::Status503Before => broken_503::<S>(variant),
        Kind::LateSale => {
            call.run_after::<S>(faults.late_sale);
            origin.cut(Cut::Reset).await
        }
        Kind::Refuse => {
            let world = call.world.clone();
            let response = call.run::<S>().await;
            world.close_host(origin.host, faults.refuse).await;
            response
        }
        _ => {
            let world = call.world.clone();
            let response = call.run::<S>().await;
            after::<S>(kind, &world, response, origin, faults, variant).await
        }
    }
}

/// What becomes of the answer of an operation that has been done.
async fn after<S: Service>(
    kind: Kind,
    world: &World,
    response: Response,
    origin: &Origin,
    faults: &Faults,
    variant: u64,
) -> Response {
    match kind {
        Kind::ResetAfter => origin.cut(Cut::Reset).await,
        Kind::FinAfter => origin.cut(Cut::Close).await,
        Kind::Status500After => broken_500::<S>(variant),
        Kind::Status503After => broken_503::<S>(variant),
        Kind::CutBody => cut_body(response, variant).await,
        Kind::ForeignBody => S::foreign_body(variant),
        Kind::LateAnswer => {
            world.pause(faults.late_answer).await;
            response
        }
        _ => response,
    }
}

fn broken_500<S: Service>(variant: u64) -> Response {
    S::broken(StatusCode::INTERNAL_SERVER_ERROR, variant)
}

fn broken_503<S: Service>(variant: u64) -> Response {
    let mut response = S::broken(StatusCode::SERVICE_UNAVAILABLE, variant);
    if variant & 8 == 0 {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
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
    } else {
        parts.headers.remove(CONTENT_LENGTH);
    }
    Response::from_parts(parts, Body::new(Chunks::broken(half)))
}
