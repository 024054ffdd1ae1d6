//! A service that answers as it is told, byte by byte, on as many hosts as it is told.
//!
//! Every request is logged whole before it is answered; so once a client has its answer, the log is complete.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use recharge::Timestamp;
use recharge::ambient::Ambient;
use recharge::journal::Attempt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;

use super::clock::Clock;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    Login,
    Logout,
    Tokens,
    Flush,
    Sale,
    /// The asynchronous recharge.
    Submit,
    Batch,
    Cancel,
    Prevend,
    Transfer,
    Payment,
    Enquiry,
    Product,
    Balance,
    Ping,
    /// The electricity enquiry.
    Electricity,
    Limits,
    /// The purchase of vouchers.
    Vouchers,
    VoucherQuery,
    Stock,
    /// The order of a file of vouchers.
    Order,
    OrderFile,
    RecreateFile,
    MoniceQuery,
    Monice,
    Refresh,
    Complete,
    Customer,
    Other,
}

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub host: usize,
    pub route: Route,
    /// Which of its route, from 1.
    pub number: usize,
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub at: Timestamp,
    /// The attempts in the journal when the first byte of this request arrived.
    pub recorded: Vec<Attempt>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(each, _)| each.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a JSON body")
    }

    /// The reference of a sale or an enquiry.
    pub fn reference(&self) -> String {
        match self.route {
            Route::Sale
            | Route::Complete
            | Route::Submit
            | Route::Prevend
            | Route::Cancel
            | Route::Vouchers
            | Route::Order
            | Route::RecreateFile
            | Route::Monice => {
                let body = self.json();
                let named = |name: &str| body[name].as_str().map(str::to_owned);
                named("clientReference")
                    .or_else(|| named("agentReference"))
                    .expect("a reference")
            }
            _ => self.path.rsplit('/').next().unwrap_or_default().to_owned(),
        }
    }
}

impl Request {
    /// The references of a batch.
    pub fn references(&self) -> Vec<String> {
        let body = self.json();
        let requests = body["rechargeRequests"].as_array().expect("requests");
        requests
            .iter()
            .map(|request| request["clientReference"].as_str().expect("one").to_owned())
            .collect()
    }
}

/// What is sent back.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A whole answer.
    Http(u16, Vec<(&'static str, String)>, String),
    /// A whole answer of bytes.
    Bytes(u16, Vec<u8>),
    /// An answer that ends before its body does.
    Cut(u16, String),
    /// Half a status line, then the end.
    HalfAStatusLine,
    /// The end of the connection, without a byte.
    Close,
    /// The connection is torn down.
    Reset,
    /// Nothing, ever.
    Hang,
    /// Another reply, once somebody says so; `reached` is told when the request is here.
    Gate(Arc<Gate>, Box<Reply>),
}

/// Holds a reply back.
#[derive(Debug, Default)]
pub struct Gate {
    pub reached: Notify,
    pub open: Notify,
}

pub fn json_reply(status: u16, body: Value) -> Reply {
    text_reply(status, "application/json", body.to_string())
}

pub fn text_reply(status: u16, content_type: &str, body: impl Into<String>) -> Reply {
    Reply::Http(
        status,
        vec![("Content-Type", content_type.to_owned())],
        body.into(),
    )
}

type Script = dyn Fn(&Request) -> Reply + Send + Sync;

/// What all hosts share.
struct Shared {
    script: Box<Script>,
    log: Mutex<Vec<Request>>,
    clock: Arc<Clock>,
    recorded: Mutex<Arc<Mutex<Vec<Attempt>>>>,
    /// The script panicked: it was asked what nobody should ask. The connection's task is not the test's, so the test is told at its end.
    astonished: AtomicBool,
}

/// The service. Its connections end with the test's runtime.
pub struct Service {
    urls: Vec<String>,
    shared: Arc<Shared>,
    /// Sockets of hosts that refuse to be connected to.
    _closed: Vec<TcpSocket>,
}

impl Service {
    pub async fn start(
        hosts: usize,
        clock: &Arc<Clock>,
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start_with_closed(hosts, &[], clock, script).await
    }

    /// With hosts that refuse every connection: their ports are taken, and nobody listens.
    pub async fn start_with_closed(
        hosts: usize,
        closed: &[usize],
        clock: &Arc<Clock>,
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            script: Box::new(script),
            log: Mutex::default(),
            clock: Arc::clone(clock),
            recorded: Mutex::default(),
            astonished: AtomicBool::new(false),
        });
        let (mut urls, mut held) = (Vec::new(), Vec::new());
        for host in 0..hosts {
            let address = if closed.contains(&host) {
                let socket = TcpSocket::new_v4().expect("a socket");
                socket
                    .bind("127.0.0.1:0".parse().expect("an address"))
                    .expect("a port");
                let address = socket.local_addr().expect("an address");
                held.push(socket);
                address
            } else {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                let address = listener.local_addr().expect("an address");
                tokio::spawn(listen(listener, host, Arc::clone(&shared)));
                address
            };
            urls.push(format!("http://{address}/webservice"));
        }
        Self {
            urls,
            shared,
            _closed: held,
        }
    }

    /// The place of a host that the journal names.
    pub fn place(&self, name: &str) -> usize {
        self.urls()
            .iter()
            .position(|url| url == name)
            .expect("one of the hosts")
    }

    pub fn urls(&self) -> Vec<String> {
        self.urls.clone()
    }

    /// Looks at what this list holds whenever the first byte of a request arrives.
    pub fn watch(&self, recorded: Arc<Mutex<Vec<Attempt>>>) {
        *self.shared.recorded.lock().unwrap() = recorded;
    }

    /// Every request of a route, in order.
    pub fn log(&self, route: Route) -> Vec<Request> {
        let log = self.shared.log.lock().unwrap();
        log.iter()
            .filter(|request| request.route == route)
            .cloned()
            .collect()
    }

    pub fn count(&self, route: Route) -> usize {
        self.log(route).len()
    }

    /// The routes in the order in which they were asked, without logins and catalogue.
    pub fn story(&self) -> Vec<(Route, usize)> {
        let log = self.shared.log.lock().unwrap();
        let told = |request: &&Request| {
            matches!(
                request.route,
                Route::Sale
                    | Route::Complete
                    | Route::Submit
                    | Route::Batch
                    | Route::Cancel
                    | Route::Prevend
                    | Route::Transfer
                    | Route::Payment
                    | Route::Enquiry
            )
        };
        log.iter()
            .filter(told)
            .map(|request| (request.route, request.host))
            .collect()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let astonished = self.shared.astonished.load(Ordering::SeqCst);
        assert!(
            !astonished || std::thread::panicking(),
            "the service was asked what nobody should ask: {:?}",
            self.shared.log.lock().unwrap().last()
        );
    }
}

async fn listen(listener: TcpListener, host: usize, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, host, Arc::clone(&shared)));
    }
}

/// One connection, kept alive until a reply ends it.
async fn serve(mut stream: TcpStream, host: usize, shared: Arc<Shared>) {
    while let Some(request) = receive(&mut stream, host, &shared).await {
        let script = std::panic::AssertUnwindSafe(|| (shared.script)(&request));
        let Ok(mut reply) = std::panic::catch_unwind(script) else {
            shared.astonished.store(true, Ordering::SeqCst);
            return;
        };
        if let Reply::Gate(gate, after) = reply {
            gate.reached.notify_one();
            gate.open.notified().await;
            reply = *after;
        }
        match reply {
            Reply::Http(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                let whole = format!("{head}\r\n{body}");
                if stream.write_all(whole.as_bytes()).await.is_err() {
                    return;
                }
            }
            Reply::Bytes(status, body) => {
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                let whole = [head.as_bytes(), &body].concat();
                if stream.write_all(&whole).await.is_err() {
                    return;
                }
            }
            Reply::Cut(status, body) => {
                let promised = body.len() + 100;
                let text =
                    format!("HTTP/1.1 {status} X\r\nContent-Length: {promised}\r\n\r\n{body}");
                let _ = stream.write_all(text.as_bytes()).await;
                return;
            }
            Reply::HalfAStatusLine => {
                let _ = stream.write_all(b"HTTP/1.1 2").await;
                return;
            }
            Reply::Close => return,
            Reply::Reset => {
                let _ = stream.set_zero_linger();
                return;
            }
            Reply::Hang => return drain(stream).await,
            Reply::Gate(..) => unreachable!("a gate behind a gate"),
        }
    }
}

/// Keeps a connection open until the other side gives up.
async fn drain(mut stream: TcpStream) {
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await.is_ok_and(|n| n > 0) {}
}

async fn receive(stream: &mut TcpStream, host: usize, shared: &Shared) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    let mut recorded = None;
    let head_end = loop {
        let n = stream.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        recorded.get_or_insert_with(|| shared.recorded.lock().unwrap().lock().unwrap().clone());
        bytes.extend_from_slice(&chunk[..n]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length: usize = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.parse().expect("a length"));
    while bytes.len() < head_end + length {
        let n = stream.read(&mut chunk).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&chunk[..n]);
    }
    let route = route(&method, &path);
    let mut log = shared.log.lock().unwrap();
    let request = Request {
        host,
        route,
        number: 1 + log.iter().filter(|each| each.route == route).count(),
        method,
        path,
        headers,
        body: String::from_utf8_lossy(&bytes[head_end..]).into_owned(),
        at: shared.clock.now(),
        recorded: recorded.unwrap_or_default(),
    };
    log.push(request.clone());
    Some(request)
}

fn route(method: &str, path: &str) -> Route {
    if let Some(path) = path.strip_prefix("/api/v3") {
        return super::hot::route(method, path);
    }
    let path = path.strip_prefix("/webservice").unwrap_or(path);
    match (method, path) {
        ("POST", "/auth") => Route::Login,
        ("DELETE", "/auth") => Route::Logout,
        ("GET", "/auth/token") => Route::Tokens,
        ("DELETE", "/auth/token") => Route::Flush,
        ("POST", "/smartload/v2/recharges") => Route::Sale,
        ("POST", "/smartload/recharges") => Route::Submit,
        ("POST", "/smartload/recharges/batch") => Route::Batch,
        ("POST", "/smartload/recharges/cancel") => Route::Cancel,
        ("POST", "/smartload/prevend") => Route::Prevend,
        ("POST", "/smartload/fundstransfer") => Route::Transfer,
        ("POST", "/payments/easypay" | "/payments/dstv") => Route::Payment,
        ("GET", path) if path.starts_with("/smartload/recharges/") => Route::Enquiry,
        ("GET", path) if path.starts_with("/smartload/transactions/") => Route::Enquiry,
        ("GET", path) if path.starts_with("/smartload/products/") => Route::Product,
        ("GET", path) if path.starts_with("/smartload/balance/") => Route::Balance,
        ("GET", "/test/ping") => Route::Ping,
        ("GET", path) if path.starts_with("/electricity/transactions/") => Route::Electricity,
        ("GET", "/electricity/limits") => Route::Limits,
        ("POST", "/smartload/batchvouchers") => Route::Vouchers,
        ("GET", path) if path.starts_with("/smartload/batchvouchers/") => Route::VoucherQuery,
        ("GET", path) if path.starts_with("/smartload/voucherstock/") => Route::Stock,
        ("POST", "/smartload/batchorders") => Route::Order,
        ("GET", path) if path.starts_with("/smartload/batchorders/") => Route::OrderFile,
        ("POST", "/smartload/batchfile") => Route::RecreateFile,
        ("GET", path) if path.starts_with("/smartload/monice/query/") => Route::MoniceQuery,
        ("POST", "/smartload/monice/recharge") => Route::Monice,
        _ => Route::Other,
    }
}

/// What a well service answers: it lets in, sells, knows what it sold, and knows its catalogue.
pub fn well(request: &Request) -> Reply {
    match request.route {
        Route::Login => token(
            &format!("token-{}", request.number),
            request.at + Duration::from_secs(24 * 3600),
        ),
        Route::Logout => json_reply(
            200,
            json!({"responseDescription": "Success", "accessToken": null}),
        ),
        Route::Tokens => json_reply(200, json!({"availableTokens": 0})),
        Route::Sale => sold(),
        Route::Submit => taken_in(),
        Route::Batch => batch(request, "SUCCESS", |_| taken_in_row()),
        Route::Cancel => json_reply(200, json!({"error": null, "responseCode": "SUCCESS"})),
        Route::Prevend => json_reply(
            200,
            json!({"responseCode": "SUCCESS", "message": "Approved"}),
        ),
        Route::Transfer => transferred(),
        Route::Payment => paid(),
        Route::Enquiry => transaction("SUCCESSFUL"),
        Route::Balance => json_reply(
            200,
            serde_json::from_str(r#"{"error":null,"responseCode":"SUCCESS","balance":99574}"#)
                .expect("JSON"),
        ),
        Route::Ping => json_reply(200, json!({"response": "Hello"})),
        Route::Product => catalogue(false, "5", "999", "99999.9900"),
        _ => text_reply(404, "text/plain", ""),
    }
}

pub fn token(token: &str, expires_at: Timestamp) -> Reply {
    json_reply(
        200,
        json!({
            "responseDescription": "Authentication successful",
            "accessToken": token, "tokenType": "Bearer", "expiresAt": expires_at.0, "scope": "all",
        }),
    )
}

pub fn unauthorised(text: &str) -> Reply {
    json_reply(
        401,
        json!({"responseDescription": text, "accessToken": null, "tokenType": null, "expiresAt": null, "scope": null}),
    )
}

pub fn sold() -> Reply {
    text_reply(
        200,
        "application/json",
        r#"{"error":null,"statusCode":0,"statusMessage":"Recharge successful",
            "recharge":{"orderReferenceId":987654321,"balance":99545.2500,"retailPrice":"29.50","voucherPin":null}}"#,
    )
}

/// The asynchronous recharge's success.
pub fn taken_in() -> Reply {
    text_reply(
        200,
        "application/json",
        r#"{"error":null,"responseCode":"SUCCESS",
            "recharge":{"orderReferenceId":987654321,"balance":99545.25,"retailPrice":"29.50","voucherPin":""}}"#,
    )
}

/// The same as a row of a batch's answer.
pub fn taken_in_row() -> Value {
    json!({"error": null, "responseCode": "SUCCESS", "recharge": {"orderReferenceId": 987_654_321}})
}

pub fn failed_row(code: i32) -> Value {
    let error = json!({"code": code, "message": format!("message of {code}")});
    json!({"error": error, "responseCode": "APP_ERROR", "recharge": null})
}

/// The answer to a batch, with a row for each of its references.
pub fn batch(request: &Request, code: &str, row: impl Fn(usize) -> Value) -> Reply {
    let rows: Vec<Value> = request
        .references()
        .into_iter()
        .enumerate()
        .map(|(place, reference)| {
            let mut row = row(place);
            row["clientReference"] = reference.into();
            row
        })
        .collect();
    json_reply(
        200,
        json!({"error": null, "responseCode": code, "rechargeResponses": rows}),
    )
}

pub fn transferred() -> Reply {
    text_reply(
        200,
        "application/json",
        r#"{"error":null,"responseCode":"SUCCESS","recharge":null,"newDealerBalance":null,"currentDealerBalance":89574.0000}"#,
    )
}

pub fn paid() -> Reply {
    text_reply(
        200,
        "application/json",
        r#"{"error":null,"responseCode":"SUCCESS","orderReferenceId":987654321,"balance":89574.0000,"statusMessage":"Paid"}"#,
    )
}

/// An answer with `responseCode` and an error.
pub fn coded(status: u16, response_code: Option<&str>, code: i32) -> Reply {
    let error = json!({"code": code, "message": format!("message of {code}")});
    json_reply(
        status,
        json!({"error": error, "responseCode": response_code, "recharge": null}),
    )
}

/// An answer of the synchronous recharge with an error.
pub fn failed(status: u16, status_code: Option<i32>, code: i32) -> Reply {
    json_reply(
        status,
        json!({
            "error": {"code": code, "message": format!("message of {code}")},
            "statusCode": status_code, "statusMessage": null, "recharge": null,
        }),
    )
}

pub fn bare(status: u16, code: i32) -> Reply {
    json_reply(
        status,
        json!({"code": code, "message": format!("message of {code}")}),
    )
}

pub fn not_seen() -> Reply {
    bare(400, 1005)
}

/// The transaction of [`super::order`].
pub fn transaction(status_id: &str) -> Reply {
    transaction_of(status_id, super::SUBSCRIBER, "R29.50")
}

pub fn transaction_of(status_id: &str, recipient: &str, amount: &str) -> Reply {
    json_reply(
        200,
        json!({
            "error": null, "responseCode": "SUCCESS",
            "transaction": {
                "description": "Airtime", "network": "Vodacom", "recipientMsisdn": recipient, "reference": "987654321",
                "amount": amount, "discount": "5.50%", "cost": "R27.88", "status": "As told", "statusId": status_id,
                "statusDate": 1_800_000_000_000_u64, "voucherPin": null,
            },
        }),
    )
}

pub fn catalogue(fixed: bool, min: &str, max: &str, retail: &str) -> Reply {
    let body = format!(
        r#"{{"error":null,"responseCode":"SUCCESS","products":[{{"id":62,"description":"Airtime","fixedAmount":{fixed},
            "minAmount":{min},"maxAmount":{max},"retailValue":{retail}}}]}}"#
    );
    text_reply(200, "application/json", body)
}

pub fn html(status: u16) -> Reply {
    text_reply(
        status,
        "text/html",
        "<html><head><title>JBoss Web - Error report</title></head></html>",
    )
}
