//! A service by typed mocks: one operation's test is its answer, one call, and what was sent.
//!
//! ```text
//! let shop = Mocked::smartcall();
//! shop.server.create_sync_recharge(|_, then| { then.ok(&read(r#"{"statusCode":0}"#)); });
//! let outcome = shop.client.recharge(&order).await;
//! assert_eq!(shop.sent("createSyncRecharge").json(), json!({ .. }));
//! ```

use std::sync::{Arc, Mutex};

use httpmock::{HttpMockRequest, MockServer};
use recharge::bindings::mock::smartcall::MockServerExt as _;
use recharge::bindings::{Operation, smartcall};
use recharge::hot;
use recharge::journal::Memory;
use recharge::smartcall::Client;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{ACCOUNT, Clock, PASSWORD, USERNAME};

/// The token that a mocked login gives.
pub const TOKEN: &str = "the-token";

/// A body from its JSON text, digit by digit.
pub fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Sent {
    /// By its name in the document; empty if it is none.
    pub operation: &'static str,
    /// With the query, escaped.
    pub path: String,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Sent {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }
}

/// A service on this machine, a client of it whose waits take no time, and a log of all that it sent.
///
/// A request for which nothing is mocked is answered with 404.
pub struct Mocked<C> {
    pub server: MockServer,
    pub clock: Arc<Clock>,
    pub client: C,
    log: Arc<Mutex<Vec<Sent>>>,
}

impl Mocked<Client> {
    /// Smartcall, with a login.
    pub fn smartcall() -> Self {
        let (server, log) = watched("/webservice", smartcall::OPERATIONS);
        // The client first: it brings the cryptography that the mocks need too.
        let clock = Arc::new(Clock::new());
        let journal = Arc::new(Memory::new());
        let client = Client::builder(USERNAME, PASSWORD, ACCOUNT.parse().unwrap(), journal)
            .base_urls([server.url("/webservice")])
            .ambient(Arc::clone(&clock) as Arc<_>)
            .build()
            .unwrap();
        server.authenticate(|when, then| {
            when.basic(USERNAME, PASSWORD);
            let answer = json!({ "accessToken": TOKEN, "expiresAt": 4_102_444_800_000_u64 });
            then.ok(&read(&answer.to_string()));
        });
        Self {
            server,
            clock,
            client,
            log,
        }
    }
}

impl Mocked<hot::Client> {
    /// HOT, with a login and without a catalogue.
    pub fn hot() -> Self {
        use recharge::bindings::mock::hot::MockServerExt as _;

        let (server, log) = watched("/api/v3", recharge::bindings::hot::OPERATIONS);
        server.login(|when, then| {
            let (code, password) = (super::hot::ACCESS_CODE, super::hot::PASSWORD);
            when.body(&read(
                &json!({ "AccessCode": code, "Password": password }).to_string(),
            ));
            let answer = json!({ "token": TOKEN, "refreshToken": "the-refresh-token" });
            then.ok(&read(&answer.to_string()));
        });
        let clock = Arc::new(Clock::new());
        let journal = Arc::new(Memory::new());
        let (code, password) = (super::hot::ACCESS_CODE, super::hot::PASSWORD);
        let client = hot::Client::builder(code, password, journal)
            .base_url(server.url("/api/v3"))
            .ambient(Arc::clone(&clock) as Arc<_>)
            .build()
            .unwrap();
        Self {
            server,
            clock,
            client,
            log,
        }
    }
}

impl<C> Mocked<C> {
    /// All requests, in their order.
    pub fn log(&self) -> Vec<Sent> {
        self.log.lock().unwrap().clone()
    }

    /// The one request of this operation.
    #[track_caller]
    pub fn sent(&self, operation: &str) -> Sent {
        let mut log = self.log();
        log.retain(|sent| sent.operation == operation);
        assert_eq!(log.len(), 1, "requests of {operation}: {log:?}");
        log.remove(0)
    }
}

/// A server whose first mock takes nothing and sees everything.
fn watched(
    base: &'static str,
    operations: &'static [Operation],
) -> (MockServer, Arc<Mutex<Vec<Sent>>>) {
    let server = MockServer::start();
    let log = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&log);
    let see = move |request: &HttpMockRequest| {
        let uri = request.uri();
        let path = uri.path().strip_prefix(base).unwrap_or_default();
        let matches = |operation: &&Operation| operation.matches(request.method_str(), path);
        kept.lock().unwrap().push(Sent {
            operation: operations
                .iter()
                .find(matches)
                .map_or("", |operation| operation.id),
            path: uri.to_string(),
            headers: request.headers(),
            body: request.body_string(),
        });
        false
    };
    server.mock(|when, _| {
        when.is_true(see);
    });
    (server, log)
}
