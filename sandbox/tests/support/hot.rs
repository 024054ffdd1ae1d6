//! A client of HOT that is as simple as can be.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

use std::sync::Arc;
use std::time::Duration;

use recharge_sandbox::{Builder, HotView, ManualClock, Sandbox};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::NEW_YEAR_MS;

pub struct HotTill {
    pub sandbox: Sandbox,
    pub clock: Arc<ManualClock>,
    pub http: Client,
    pub token: String,
    pub refresh_token: String,
}

impl HotTill {
    pub async fn open() -> Self {
        Self::with(|builder| builder).await
    }

    /// Starts a sandbox without faults whose clock stands still, and logs in.
    pub async fn with(set_up: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = Arc::new(ManualClock::new(NEW_YEAR_MS));
        let sandbox = set_up(Sandbox::builder().clock(clock.clone()))
            .start()
            .await
            .unwrap();
        let http = Client::builder()
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        let mut till = Self {
            sandbox,
            clock,
            http,
            token: String::new(),
            refresh_token: String::new(),
        };
        till.log_in().await;
        till
    }

    pub async fn faulty(spec: &str) -> Self {
        let till = Self::open().await;
        till.sandbox.set_faults(super::faults(spec));
        till
    }

    pub async fn log_in(&mut self) {
        let (status, pair) = self
            .post(
                "/identity/login",
                &json!({ "AccessCode": "sandbox", "Password": "sandbox" }),
            )
            .await;
        assert_eq!(status, 200, "{pair}");
        self.take(&pair);
    }

    pub fn take(&mut self, pair: &Value) {
        self.token = pair["token"].as_str().unwrap().to_owned();
        self.refresh_token = pair["refreshToken"].as_str().unwrap().to_owned();
    }

    pub fn url(&self, host: usize, path: &str) -> String {
        format!("{}{path}", self.sandbox.hot_base_urls()[host])
    }

    pub async fn try_send(
        &self,
        method: Method,
        host: usize,
        path: &str,
        body: Option<String>,
    ) -> reqwest::Result<(u16, String)> {
        let mut request = self
            .http
            .request(method, self.url(host, path))
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request
                .header("Content-Type", "application/json")
                .body(body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.text().await?))
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(self.try_send(Method::GET, 0, path, None).await.unwrap())
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let body = Some(body.to_string());
        read(self.try_send(Method::POST, 0, path, body).await.unwrap())
    }

    pub async fn recharge(&self, body: &Value) -> (u16, Value) {
        self.post("/products/recharge", body).await
    }

    pub async fn complete(&self, reference: &str, original: &str, confirmed: bool) -> (u16, Value) {
        let body = json!({ "agentReference": reference, "originalReference": original, "confirmed": confirmed });
        self.post("/products/recharge/complete", &body).await
    }

    /// The status of an enquiry, and the answer it tells of.
    pub async fn enquire(&self, reference: &str) -> (u16, Value) {
        let (status, body) = self.get(&format!("/query/transaction/{reference}")).await;
        let raw = body["rawData"].as_str().unwrap_or_default();
        (status, serde_json::from_str(raw).unwrap_or_default())
    }

    pub fn ledger(&self) -> HotView {
        self.sandbox.ledger().hot
    }

    pub fn sales_of(&self, reference: &str) -> usize {
        self.ledger().sales_of(reference)
    }
}

/// A body that is empty reads as null.
pub fn read((status, text): (u16, String)) -> (u16, Value) {
    if text.is_empty() {
        return (status, Value::Null);
    }
    let body = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    (status, body)
}

/// USD airtime for any network.
pub fn airtime(reference: &str, amount: impl Into<Value>) -> Value {
    json!({ "agentReference": reference, "productId": 100, "target": "0772000001", "amount": amount.into() })
}

/// USD electricity.
pub fn zesa(reference: &str, amount: impl Into<Value>) -> Value {
    with_option(
        json!({ "agentReference": reference, "productId": 41, "target": "37100000001", "amount": amount.into() }),
        "NotifyNumber",
        "0772000009",
    )
}

/// A data bundle.
pub fn bundle(reference: &str, code: &str, amount: impl Into<Value>) -> Value {
    with_option(
        json!({ "agentReference": reference, "productId": 16, "target": "0772000001", "amount": amount.into() }),
        "ProductCode",
        code,
    )
}

pub fn reservation(reference: &str, amount: impl Into<Value>) -> Value {
    with_option(airtime(reference, amount), "MakeReservation", "true")
}

pub fn with_option(mut body: Value, name: &str, value: &str) -> Value {
    let option = json!({ "Name": name, "ParameterType": "string", "Value": value });
    match body["RechargeOptions"].as_array_mut() {
        Some(options) => options.push(option),
        None => body["RechargeOptions"] = json!([option]),
    }
    body
}

/// The one business problem of an answer.
pub fn problem(body: &Value) -> (&str, &str) {
    let errors = body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{body}");
    (
        errors[0]["name"].as_str().unwrap(),
        errors[0]["message"].as_str().unwrap(),
    )
}

/// The key of the one validation message of an answer.
pub fn invalid(body: &Value) -> &str {
    assert_eq!(
        (&body["status"], &body["title"]),
        (
            &json!(400),
            &json!("One or more validation errors occurred.")
        )
    );
    let errors = body["errors"].as_object().unwrap();
    assert_eq!(errors.len(), 1, "{body}");
    errors.keys().next().unwrap()
}
