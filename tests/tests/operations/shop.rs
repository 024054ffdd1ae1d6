//! A server that keeps what it is sent, and clients of both services whose waits take no time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use recharge::Timestamp;
use recharge::ambient::Ambient;
use recharge::journal::Memory;
use recharge_bindings::Operation;

use crate::check::Request;
use crate::table::{HOT, SMARTCALL, Service};

pub(crate) const ACCOUNT: &str = "27830000001";
pub(crate) const SUBSCRIBER: &str = "27821234567";

/// One clean shop for each call.
pub(crate) struct Shop {
    pub(crate) smartcall: recharge::smartcall::Client,
    pub(crate) hot: recharge::hot::Client,
    ambient: Arc<Hurried>,
    _server: MockServer,
    log: Arc<Mutex<Vec<Request>>>,
}

impl Shop {
    pub(crate) fn open(service: &'static Service) -> Self {
        let server = MockServer::start();
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&log);
        server.mock(|when, then| {
            when.any_request();
            then.respond_with(move |asked| {
                let request = request(asked);
                let answer = answer(service, &request);
                kept.lock().unwrap().push(request);
                answer
            });
        });
        let ambient = Arc::new(Hurried::default());
        let smartcall = recharge::smartcall::Client::builder(
            "till",
            "pa55-word",
            ACCOUNT.parse().unwrap(),
            Arc::new(Memory::new()),
        )
        .base_urls([server.url(SMARTCALL.base)])
        .ambient(Arc::clone(&ambient) as Arc<_>)
        .build()
        .unwrap();
        let hot = recharge::hot::Client::builder("till", "pa55-word", Arc::new(Memory::new()))
            .base_url(server.url(HOT.base))
            .ambient(Arc::clone(&ambient) as Arc<_>)
            .build()
            .unwrap();
        Self {
            smartcall,
            hot,
            ambient,
            _server: server,
            log,
        }
    }

    /// Lets a week pass, after which Smartcall has forgotten our references and HOT's first token has ended.
    pub(crate) fn a_week_later(&self) {
        const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
        self.ambient.advance(WEEK);
    }

    /// All that was sent so far.
    pub(crate) fn log(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }
}

fn request(asked: &HttpMockRequest) -> Request {
    Request {
        method: asked.method_str().to_owned(),
        path: asked.uri().path().to_owned(),
        query: asked.query_params(),
        headers: asked.headers_vec().clone(),
        body: asked.body_vec(),
    }
}

/// An answer with which one gets as far as possible.
fn answer(service: &Service, request: &Request) -> HttpMockResponse {
    let operation = service.operation(&request.method, &request.path);
    let body = operation.map_or("", body);
    HttpMockResponse::builder()
        .status(if operation.is_some() { 200 } else { 404 })
        .header("content-type", "application/json")
        .body(body.as_bytes().to_vec())
        .build()
}

fn body(operation: &Operation) -> &'static str {
    match operation.id {
        "authenticate" => r#"{"accessToken":"the-token","expiresAt":4102444800000}"#,
        // The sale is pending for as long as anybody asks.
        "createSyncRecharge" => {
            r#"{"error":{"code":1002,"message":"pending"},"statusCode":3,"recharge":null}"#
        }
        "getTransactionByClientReference" => {
            r#"{"error":null,"responseCode":"SUCCESS","transaction":{"reference":"987654321","statusId":"PENDING"}}"#
        }
        "queryMonice" => {
            r#"{"error":null,"responseCode":"SUCCESS","msisdn":"27821234567",
                "bundles":[{"bundleId":"42","description":"100 minutes","amount":2950}]}"#
        }
        // The first token lives for two hours, the second for good.
        "login" => r#"{"token":"e30.eyJleHAiOjE4MDAwMDcyMDB9.s","refreshToken":"refresh-1"}"#,
        "refreshToken" => {
            r#"{"token":"e30.eyJleHAiOjQxMDI0NDQ4MDB9.s","refreshToken":"refresh-2"}"#
        }
        "listProducts" | "getProduct" => {
            r#"{"products":[{"productId":101,"name":"Econet USD Airtime","accountTypeId":3,"requiredOptions":[],
                "metaData":{"TargetType":"Econet Mobile Number","MinimumRecharge":"0.10","MaxRecharge":"300","Currency":"USD"}}]}"#
        }
        "recharge" | "completeReservedRecharge" => {
            r#"{"successful":true,"rechargeId":182255554,"amount":10,"discount":4,
                "balance":{"accountTypeId":3,"name":"USD","balance":89.40},"message":"Recharge reserved","rechargeData":{}}"#
        }
        _ if operation.types(200).any(|name| name.starts_with("Vec<")) => "[]",
        _ => "{}",
    }
}

/// Sleeps end at once and move the time on.
#[derive(Debug)]
struct Hurried {
    now: AtomicU64,
    draws: AtomicU64,
}

impl Default for Hurried {
    fn default() -> Self {
        Self {
            now: AtomicU64::new(1_800_000_000_000),
            draws: AtomicU64::new(7),
        }
    }
}

impl Hurried {
    fn advance(&self, duration: Duration) {
        let milliseconds = duration.as_millis() as u64;
        self.now.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Ambient for Hurried {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        self.advance(duration);
        Box::pin(tokio::task::yield_now())
    }

    fn random(&self) -> u64 {
        self.draws
            .fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst)
    }
}
