//! A client that is as simple as can be.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

pub mod hot;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use recharge_sandbox::{Builder, Faults, ManualClock, Sandbox};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

/// 2024-01-01T00:00:00Z.
pub const NEW_YEAR_MS: i64 = 1_704_067_200_000;

pub struct Till {
    pub sandbox: Sandbox,
    pub clock: Arc<ManualClock>,
    pub http: Client,
    pub token: String,
}

impl Till {
    pub async fn open() -> Self {
        Self::with(|builder| builder).await
    }

    /// Starts a sandbox without faults whose clock stands still, logs in, and only then lets things go wrong.
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
        };
        till.log_in().await;
        till
    }

    pub async fn faulty(spec: &str) -> Self {
        let till = Self::open().await;
        till.sandbox.set_faults(faults(spec));
        till
    }

    /// See [`until`].
    pub async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        until(what, holds).await;
    }

    /// See [`hurried`].
    pub async fn hurried<T>(&self, work: impl Future<Output = T>) -> T {
        hurried(&self.sandbox, work).await
    }

    pub async fn log_in(&mut self) {
        let (username, password) = (
            self.sandbox.username().to_owned(),
            self.sandbox.password().to_owned(),
        );
        let url = format!("{}/auth", self.sandbox.base_urls()[0]);
        let answer = self
            .http
            .post(url)
            .basic_auth(username, Some(password))
            .send()
            .await
            .unwrap();
        let body: Value = answer.json().await.unwrap();
        self.token = body["accessToken"].as_str().unwrap().to_owned();
    }

    pub fn url(&self, host: usize, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_urls()[host])
    }

    pub async fn call(&self, method: Method, host: usize, path: &str) -> Response {
        self.http
            .request(method, self.url(host, path))
            .bearer_auth(&self.token)
            .send()
            .await
            .unwrap()
    }

    pub async fn get(&self, path: &str) -> (u16, String) {
        self.get_from(0, path).await
    }

    pub async fn get_from(&self, host: usize, path: &str) -> (u16, String) {
        let answer = self.call(Method::GET, host, path).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Sends a recharge, and gives back whatever came of it.
    pub async fn try_post(
        &self,
        host: usize,
        path: &str,
        body: &Value,
    ) -> reqwest::Result<(u16, String)> {
        let request = self
            .http
            .post(self.url(host, path))
            .bearer_auth(&self.token);
        let answer = request
            .header("Content-Type", "application/json")
            .body(body.to_string())
            .send()
            .await?;
        let status = answer.status().as_u16();
        Ok((status, answer.text().await?))
    }

    pub async fn sync(&self, body: &Value) -> (u16, Value) {
        let (status, text) = self
            .try_post(0, "/smartload/v2/recharges", body)
            .await
            .unwrap();
        (status, serde_json::from_str(&text).unwrap())
    }

    pub async fn asynchronous(&self, body: &Value) -> (u16, Value) {
        let (status, text) = self
            .try_post(0, "/smartload/recharges", body)
            .await
            .unwrap();
        (status, serde_json::from_str(&text).unwrap())
    }

    pub async fn enquire(&self, host: usize, reference: &str) -> (u16, Value) {
        let (status, text) = self
            .get_from(
                host,
                &format!("/smartload/recharges/27810000001/{reference}"),
            )
            .await;
        (status, serde_json::from_str(&text).unwrap())
    }

    pub fn sales_of(&self, reference: &str) -> usize {
        self.sandbox.ledger().sales_of(reference)
    }
}

pub fn faults(spec: &str) -> Faults {
    spec.parse().unwrap()
}

/// R20 of Vodacom airtime for a number that depends on the reference only if asked to.
pub fn airtime(reference: &str, msisdn: &str, amount: impl Into<Value>) -> Value {
    json!({
        "smartloadId": "27810000001",
        "clientReference": reference,
        "smsRecipientMsisdn": msisdn,
        "deviceId": msisdn,
        "productId": 62,
        "amount": amount.into(),
        "pinless": true,
        "sendSms": true,
    })
}

/// One request over a socket of its own; what came back, byte for byte.
pub fn raw(address: &str, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Waits for something that must come, however slow the machine is.
pub async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come");
}

/// Ends the waits of the sandbox until something has come of that.
pub async fn hurried<T>(sandbox: &Sandbox, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    loop {
        sandbox.hurry();
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(Duration::from_millis(10)) => {}
        }
    }
}
