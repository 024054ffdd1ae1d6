//! HOT Recharge as it answers, and a till that sells through it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use recharge::hot::{Builder, Client, RechargeOrder};
use recharge::journal::{Entry, Journal, Memory};
use recharge::{Error, Outcome, Policy, Reference, Timestamp};
use serde_json::{Value, json};

use super::clock::Clock;
use super::service::{Reply, Request, Route, Service, json_reply, text_reply};

pub const ACCESS_CODE: &str = "till@dealer.example";
pub const PASSWORD: &str = "pa55-word-of-the-till";
pub const SUBSCRIBER: &str = "0772123456";
pub const METER: &str = "37123456789";
pub const TOKEN: &str = "1234 5678 9012 3456 7890";

pub fn route(method: &str, path: &str) -> Route {
    match (method, path) {
        ("POST", "/identity/login") => Route::Login,
        ("POST", "/identity/refresh") => Route::Refresh,
        ("POST", "/products/recharge") => Route::Sale,
        ("POST", "/products/recharge/complete") => Route::Complete,
        ("GET", path) if path.starts_with("/query/transaction/") => Route::Enquiry,
        ("GET", path) if path.starts_with("/query/stock/") => Route::Stock,
        ("GET", path) if path.starts_with("/query/customer/") => Route::Customer,
        ("GET", path) if path.starts_with("/account/balance/") => Route::Balance,
        ("GET", path) if path.starts_with("/products/") => Route::Product,
        _ => Route::Other,
    }
}

/// 10 US dollars of airtime.
pub fn airtime() -> RechargeOrder {
    RechargeOrder::airtime(
        "101".parse().unwrap(),
        SUBSCRIBER.parse().unwrap(),
        "10".parse().unwrap(),
    )
}

/// 5 US dollars of electricity.
pub fn electricity() -> RechargeOrder {
    RechargeOrder::electricity(
        "41".parse().unwrap(),
        METER.parse().unwrap(),
        SUBSCRIBER.parse().unwrap(),
        "5".parse().unwrap(),
    )
}

/// A token that lives 300 seconds.
pub fn jwt(number: usize, at: Timestamp) -> String {
    let (iat, exp) = (at.0 / 1000, at.0 / 1000 + 300);
    let claims = json!({"jti": number.to_string(), "iat": iat, "exp": exp}).to_string();
    format!("e30.{}.sig-{number}", URL_SAFE_NO_PAD.encode(claims))
}

pub fn tokens(request: &Request) -> Reply {
    let of = match request.route {
        Route::Refresh => 1000 + request.number,
        _ => request.number,
    };
    json_reply(
        200,
        json!({"token": jwt(of, request.at), "refreshToken": format!("refresh-token-{of}")}),
    )
}

/// What a well service answers.
pub fn well(request: &Request) -> Reply {
    match request.route {
        Route::Login | Route::Refresh => tokens(request),
        Route::Product => json_reply(200, catalogue()),
        Route::Sale | Route::Complete => json_reply(200, sold()),
        Route::Enquiry => transaction(request, &sold()),
        Route::Balance => json_reply(
            200,
            serde_json::from_str(
                r#"[{"accountTypeId":1,"name":"ZiG","balance":8985.7300},{"accountTypeId":3,"name":"USD","balance":99.5}]"#,
            )
            .expect("JSON"),
        ),
        _ => text_reply(404, "text/plain", ""),
    }
}

/// A service that is well, apart from its sales and its enquiries.
pub fn script(
    sale: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    enquiry: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| match request.route {
        Route::Sale | Route::Complete => sale(request),
        Route::Enquiry => enquiry(request),
        _ => well(request),
    }
}

/// A service whose catalogue allows less than [`airtime`] from the second reading on.
pub fn dearer(
    other: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| match request.route {
        Route::Product => {
            let mut all = catalogue();
            if request.number > 1 {
                all["products"][0]["metaData"]["MaxRecharge"] = json!("5");
            }
            json_reply(200, all)
        }
        _ => other(request),
    }
}

/// The answer to [`airtime`].
pub fn sold() -> Value {
    serde_json::from_str(
        r#"{"successful":true,"rechargeId":182255554,"amount":10,"discount":4,
            "balance":{"accountTypeId":3,"name":"USD","balance":89.40},
            "message":"Recharge to 0772123456 of $10.00 was successful.",
            "rechargeData":{"InitialBalance":"1.219236","FinalBalance":"11.219236"}}"#,
    )
    .expect("JSON")
}

/// The answer to [`electricity`].
pub fn powered() -> Value {
    json!({
        "successful": true, "rechargeId": 189000000, "amount": 5, "discount": 1,
        "balance": {"accountTypeId": 4, "name": "Utility USD", "balance": 0.05},
        "message": "Transaction processed successfully",
        "rechargeData": {"Network": "ZESA", "Target": METER, "Token": TOKEN, "Units": "23.7"},
    })
}

/// A failure as the page shows it.
pub fn failed() -> Value {
    json!({
        "successful": false, "rechargeId": 182362358, "amount": 10, "discount": 0,
        "balance": {"accountTypeId": 3, "name": "USD", "balance": 99.5},
        "message": "Mobile Number not a prepaid subscriber", "rechargeData": {},
    })
}

/// The failure of [`electricity`].
pub fn not_powered() -> Value {
    json!({
        "successful": false, "rechargeId": 189000001, "amount": 5, "discount": 0,
        "balance": {"accountTypeId": 4, "name": "Utility USD", "balance": 5.05},
        "message": "Meter number could not be recharged", "rechargeData": {},
    })
}

pub fn e1() -> Value {
    json!({
        "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
        "title": "One or more validation errors occurred.", "status": 400,
        "errors": {"ProductId": ["ProductId is currently not supported. ProductID 0"]},
    })
}

pub fn e2() -> Value {
    json!({"errors": [{"name": "Product", "message": "\"Invalid Product Code\" DDB2"}]})
}

pub fn e3() -> Value {
    json!({"errors": ["Amount is not accepted."]})
}

/// The answer of that time.
pub fn transaction(request: &Request, raw: &Value) -> Reply {
    let reference = request.reference();
    json_reply(
        200,
        json!({"agentReference": reference, "rawData": raw.to_string()}),
    )
}

/// The service does not know the reference.
pub fn not_seen() -> Reply {
    json_reply(
        404,
        json!({"errors": [{"name": "Transaction", "message": "not found"}]}),
    )
}

pub fn catalogue() -> Value {
    let airtime = |id: i32, name: &str, wallet: i32| {
        json!({
            "productId": id, "name": name, "accountTypeId": wallet, "requiredOptions": [],
            "metaData": {
                "TargetType": "Econet Mobile Number", "RechargeType": "Pinless", "MinimumRecharge": "0.10", "MaxRecharge": "300",
                "RechargeAmountIncrement": "0.01", "Currency": "USD", "Network": "Econet", "NetworkPrefix": "77",
            },
        })
    };
    let option =
        |name: &str| json!([{"name": name, "parameterType": "string", "description": "needed"}]);
    json!({"products": [
        airtime(101, "Econet USD Airtime", 3),
        {
            "productId": 16, "name": "Econet Data Bundle", "accountTypeId": 1, "requiredOptions": option("ProductCode"),
            "metaData": {"TargetType": "Econet Mobile Number", "Currency": "ZiG", "StockQuery": "Can query available denominations"},
        },
        {
            "productId": 41, "name": "ZESA USD", "accountTypeId": 4, "requiredOptions": option("NotifyNumber"),
            "metaData": {
                "TargetType": "Meter Number", "MinimumRecharge": "5", "MaxRecharge": "500", "Currency": "USD",
                "AccountQuery": "Can query customers", "CustomSMSTags": "%METERNUMBER%,%KWH%",
            },
        },
    ]})
}

/// A service by a script, a client with a journal in memory, and the clock of both.
pub struct Shop {
    pub clock: Arc<Clock>,
    pub service: Service,
    pub client: Client,
    pub journal: Arc<dyn Journal>,
}

impl Shop {
    pub async fn open(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(Arc::new(Memory::new()), Policy::default(), script).await
    }

    pub async fn with(
        journal: Arc<dyn Journal>,
        policy: Policy,
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let clock = Arc::new(Clock::new());
        let service = Service::start(1, &clock, script).await;
        let client = builder(&service, &clock, Arc::clone(&journal));
        let client = client.policy(policy).build().unwrap();
        Self {
            clock,
            service,
            client,
            journal,
        }
    }

    /// A client without connections and tokens, as after a restart, with the same journal.
    pub fn another(&self) -> Client {
        builder(&self.service, &self.clock, Arc::clone(&self.journal))
            .build()
            .unwrap()
    }

    pub async fn row(&self, reference: &Reference) -> Entry {
        let row = self.client.journaled(reference).await.unwrap();
        row.expect("a row in the journal")
    }

    /// Sells airtime.
    pub async fn sell(&self) -> (Reference, Result<Outcome, Error>) {
        self.sell_this(airtime()).await
    }

    pub async fn sell_this(&self, order: RechargeOrder) -> (Reference, Result<Outcome, Error>) {
        let reference = order.reference().clone();
        (reference, self.client.recharge(&order).await)
    }

    /// How often anything that could sell was sent.
    pub fn sent(&self) -> usize {
        self.service.count(Route::Sale) + self.service.count(Route::Complete)
    }

    pub fn now(&self) -> Timestamp {
        recharge::ambient::Ambient::now(self.clock.as_ref())
    }

    pub fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

pub fn builder(service: &Service, clock: &Arc<Clock>, journal: Arc<dyn Journal>) -> Builder {
    Client::builder(ACCESS_CODE, PASSWORD, journal)
        .base_url(service.urls()[0].replace("/webservice", "/api/v3"))
        .ambient(Arc::clone(clock) as Arc<_>)
}
