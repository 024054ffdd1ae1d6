//! The four ways to sell that are compared.

use std::sync::Arc;
use std::time::Duration;

use recharge::journal::{Journal, Memory, Sqlite};
use recharge::smartcall::{Builder, Client, RechargeOrder};
use recharge::{Msisdn, Outcome};
use recharge_bindings::smartcall::{Client as Bindings, types};
use recharge_bindings::{Direct, Wire};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::child::Service;

/// A way to sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// (a) reqwest and serde by hand.
    Plain,
    /// (b) the bindings.
    Bindings,
    /// (c) the facade with a journal in memory.
    Memory,
    /// (d) the facade with a journal in a file.
    Sqlite,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::Bindings, Self::Memory, Self::Sqlite];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Bindings => "bindings",
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Plain => "(a) reqwest and serde by hand",
            Self::Bindings => "(b) raw bindings",
            Self::Memory => "(c) facade, journal in memory",
            Self::Sqlite => "(d) facade, journal in SQLite",
        }
    }
}

impl std::str::FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.word() == word)
            .ok_or_else(|| word.to_owned())
    }
}

/// Somebody who sells in one of the ways.
pub(crate) enum Seller {
    Plain(Plain),
    Bindings {
        bindings: Bindings,
        account: String,
    },
    Facade {
        client: Client,
        _folder: Option<TempDir>,
    },
}

/// What an integrator writes: one client, a token, one request, one answer.
pub(crate) struct Plain {
    http: reqwest::Client,
    url: String,
    token: String,
    account: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    smartload_id: &'a str,
    client_reference: &'a str,
    sms_recipient_msisdn: &'a str,
    device_id: &'a str,
    product_id: u32,
    amount: Decimal,
    send_sms: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    error: Option<ErrorBody>,
    status_code: Option<i32>,
    #[allow(dead_code)]
    status_message: Option<String>,
    #[allow(dead_code)]
    recharge: Option<Recharge>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct ErrorBody {
    code: i32,
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct Recharge {
    order_reference_id: Option<i64>,
    balance: Option<Decimal>,
    voucher_pin: Option<String>,
}

const PRODUCT: u32 = 62;

/// The same number is never sold the same amount twice within a process.
pub(crate) fn subscriber(number: u64) -> String {
    format!("2782{:07}", number % 10_000_000)
}

pub(crate) fn reference(kind: Kind, number: u64) -> String {
    format!("{}-{}-{number:08}", kind.word(), std::process::id())
}

impl Seller {
    pub(crate) async fn new(kind: Kind, service: &Service) -> Self {
        let http = || {
            reqwest::Client::builder()
                .timeout(Duration::from_secs(60))
                .http1_only()
                .tcp_nodelay(true)
                .build()
                .expect("a client")
        };
        match kind {
            Kind::Plain => Self::Plain(Plain {
                token: token(&http(), service).await,
                http: http(),
                url: format!("{}/smartload/v2/recharges", service.base_urls[0]),
                account: service.account.clone(),
            }),
            Kind::Bindings => {
                let token = token(&http(), service).await;
                let mut headers = reqwest::header::HeaderMap::new();
                let bearer = format!("Bearer {token}").parse().expect("a header");
                headers.insert(reqwest::header::AUTHORIZATION, bearer);
                let http = reqwest::Client::builder()
                    .timeout(Duration::from_secs(60))
                    .http1_only()
                    .tcp_nodelay(true)
                    .default_headers(headers)
                    .build()
                    .expect("a client");
                let wire: Arc<dyn Wire> = Arc::new(Direct);
                Self::Bindings {
                    bindings: Bindings::new_with_client(&service.base_urls[0], http, wire),
                    account: service.account.clone(),
                }
            }
            Kind::Memory => Self::facade(service, Arc::new(Memory::new()), None),
            Kind::Sqlite => {
                let folder = tempfile::tempdir_in(disk()).expect("a folder");
                let journal = Sqlite::open(folder.path().join("journal.db")).expect("a journal");
                Self::facade(service, Arc::new(journal), Some(folder))
            }
        }
    }

    fn facade(service: &Service, journal: Arc<dyn Journal>, folder: Option<TempDir>) -> Self {
        Self::Facade {
            client: client(service, journal),
            _folder: folder,
        }
    }

    /// Sells once.
    pub(crate) async fn sell(&self, number: u64) {
        match self {
            Self::Plain(plain) => plain.sell(number).await,
            Self::Bindings { bindings, account } => {
                let mut request = types::SyncRechargeRequest::new(
                    Decimal::from(5),
                    reference(Kind::Bindings, number),
                    PRODUCT.into(),
                    account.clone(),
                );
                request.sms_recipient_msisdn = subscriber(number).into();
                request.device_id = subscriber(number).into();
                request.send_sms = false.into();
                let answer = bindings
                    .create_sync_recharge(&request)
                    .await
                    .expect("a sale");
                assert_eq!(answer.into_inner().status_code.copied(), Some(0));
            }
            Self::Facade { client, .. } => {
                let msisdn: Msisdn = subscriber(number).parse().expect("a number");
                let product = PRODUCT.to_string().parse().expect("a product");
                let order = RechargeOrder::new(msisdn, product, "5".parse().expect("an amount"));
                let outcome = client.recharge(&order).await.expect("a sale");
                assert!(matches!(outcome, Outcome::Vended(_)), "{outcome:?}");
            }
        }
    }
}

impl Plain {
    async fn sell(&self, number: u64) {
        let (subscriber, reference) = (subscriber(number), reference(Kind::Plain, number));
        let request = Request {
            smartload_id: &self.account,
            client_reference: &reference,
            sms_recipient_msisdn: &subscriber,
            device_id: &subscriber,
            product_id: PRODUCT,
            amount: Decimal::from(5),
            send_sms: false,
        };
        let answer = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .json(&request)
            .send()
            .await
            .expect("an answer");
        let body: Response = answer.json().await.expect("a body");
        assert!(body.error.is_none() && body.status_code == Some(0));
    }
}

async fn token(http: &reqwest::Client, service: &Service) -> String {
    let answer = http
        .post(format!("{}/auth", service.base_urls[0]))
        .basic_auth(&service.username, Some(&service.password))
        .send()
        .await
        .expect("a login");
    let body: serde_json::Value = answer.json().await.expect("a body");
    body["accessToken"].as_str().expect("a token").to_owned()
}

/// A client of the facade.
pub(crate) fn client(service: &Service, journal: Arc<dyn Journal>) -> Client {
    builder(service, journal).build().expect("a client")
}

pub(crate) fn builder(service: &Service, journal: Arc<dyn Journal>) -> Builder {
    let account = service.account.parse().expect("an account");
    Client::builder(
        &service.username,
        service.password.as_str(),
        account,
        journal,
    )
    .base_urls(service.base_urls.iter())
}

/// Where journals lie: on a disk, since a folder for temporary files can be memory.
pub(crate) fn disk() -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    folder.to_path_buf()
}
