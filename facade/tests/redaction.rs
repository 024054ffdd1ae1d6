//! Rule: secrets and people's data do not leak. Everything that the library says about its work, and everything that can be printed of its
//! values, is searched for every secret.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use recharge::auth::StoredToken;
use recharge::journal::{Journal, Memory, Sqlite};
use recharge::observe::Event;
use recharge::smartcall::Client;
use recharge::{Error, Handle, Msisdn, Outcome, Policy, Secret};

use support::Route::{Balance, Enquiry, Login, Sale};
use support::*;

const TOKEN: &str = "token-that-nobody-may-see";
const PIN: &str = "4455 6677 8899";

/// Every text that must appear nowhere.
fn secrets() -> Vec<String> {
    let national = |msisdn: &str| msisdn[2..].to_owned();
    vec![
        PASSWORD.into(),
        TOKEN.into(),
        PIN.into(),
        "445566778899".into(),
        // The user name and the password, as the login's header has them.
        "dGlsbDpwYTU1LXdvcmQtb2YtdGhlLXRpbGw".into(),
        national(SUBSCRIBER),
        national(ACCOUNT),
    ]
}

#[track_caller]
fn clean(what: &str, text: &str) {
    for secret in secrets() {
        assert!(!text.contains(&secret), "{what} shows {secret}:\n{text}");
    }
}

fn sold_with_a_pin() -> Reply {
    text_reply(
        200,
        "application/json",
        format!(
            r#"{{"error":null,"statusCode":0,"recharge":{{"orderReferenceId":1,"voucherPin":"{PIN}"}}}}"#
        ),
    )
}

fn let_in(request: &Request) -> Reply {
    match request.route {
        Login => token(
            TOKEN,
            request.at + std::time::Duration::from_secs(24 * 3600),
        ),
        _ => well(request),
    }
}

/// Every way that a sale can go, each by a client of its own; and the texts of what was told.
async fn everything_that_can_happen(told: &mut String) {
    type Script = Box<dyn Fn(&Request) -> Reply + Send + Sync>;
    let scripts: Vec<(&str, Script)> = vec![
        (
            "sold",
            Box::new(|request| {
                if request.route == Sale {
                    sold_with_a_pin()
                } else {
                    let_in(request)
                }
            }),
        ),
        (
            "refused",
            Box::new(|request| {
                if request.route == Sale {
                    failed(400, Some(2), 9)
                } else {
                    let_in(request)
                }
            }),
        ),
        (
            "the five-minute rule",
            Box::new(|request| match request.route {
                Sale => bare(400, 16),
                Enquiry => not_seen(),
                _ => let_in(request),
            }),
        ),
        (
            "pending",
            Box::new(|request| match request.route {
                Sale => failed(200, Some(3), 1002),
                Enquiry => transaction("PENDING"),
                _ => let_in(request),
            }),
        ),
        (
            "lost, then found",
            Box::new(|request| match request.route {
                Sale => Reply::Reset,
                _ => let_in(request),
            }),
        ),
        (
            "lost, and not found",
            Box::new(|request| match request.route {
                Sale => Reply::Cut(200, format!(r#"{{"recharge":{{"voucherPin":"{PIN}""#)),
                Enquiry => html(500),
                _ => let_in(request),
            }),
        ),
        (
            "somebody else's",
            Box::new(|request| match request.route {
                Sale => failed(400, Some(2), 1001),
                Enquiry => transaction_of("SUCCESSFUL", "27829999999", "R29.50"),
                _ => let_in(request),
            }),
        ),
        (
            "sent again",
            Box::new(|request| match (request.route, request.number) {
                (Sale, 1) => html(503),
                (Sale, _) => sold_with_a_pin(),
                (Enquiry, _) => not_seen(),
                _ => let_in(request),
            }),
        ),
        (
            "the wrong password",
            Box::new(|request| match request.route {
                Login => unauthorised("Invalid password"),
                _ => let_in(request),
            }),
        ),
        (
            "too many tokens",
            Box::new(|request| match request.route {
                Login => json_reply(
                    429,
                    serde_json::json!({"responseDescription": "Limit is 50"}),
                ),
                _ => let_in(request),
            }),
        ),
        (
            "a login that answers nonsense",
            Box::new(|request| match request.route {
                Login => text_reply(200, "text/plain", TOKEN),
                _ => let_in(request),
            }),
        ),
        (
            "a token that is refused",
            Box::new(|request| match request.route {
                Sale | Enquiry | Balance => unauthorised("Token validation failed"),
                _ => let_in(request),
            }),
        ),
        ("not available at all", Box::new(|_| Reply::Close)),
    ];
    for (what, script) in scripts {
        let seen = Arc::new(Mutex::new(String::new()));
        let events = Arc::clone(&seen);
        let clock = Arc::new(Clock::new());
        let service = Service::start(2, &clock, script).await;
        let journal: Arc<dyn Journal> = Arc::new(Memory::new());
        let builder = builder(&service, &clock, Arc::clone(&journal), Policy::default()).observer(
            move |event: &Event<'_>| writeln!(events.lock().unwrap(), "{event:?}").unwrap(),
        );
        let mut text = format!("{builder:?}\n");
        let client: Client = builder.build().unwrap();
        let order = order_for(0);
        writeln!(text, "{client:?} {order:?} {:?}", order.intent_for_debug()).unwrap();
        for _ in 0..2 {
            match client.recharge(&order).await {
                Err(error) => writeln!(text, "{error} {error:?}").unwrap(),
                Ok(outcome) => writeln!(text, "{outcome:?}").unwrap(),
            }
        }
        client
            .recover(|entry, outcome| writeln!(text, "{entry:?} {outcome:?}").unwrap())
            .await
            .unwrap();
        for read in [
            client.balance().await.map(|_| ()),
            client.ping().await.map(|_| ()),
            client
                .enquire(order.reference())
                .await
                .map(|found| writeln!(text, "{found:?}").unwrap()),
        ] {
            if let Err(error) = read {
                writeln!(text, "{error} {error:?}").unwrap();
            }
        }
        if let Some(entry) = client.journaled(order.reference()).await.unwrap() {
            writeln!(
                text,
                "{entry:?} {:?} {:?} {:?}",
                entry.intent,
                entry.intent.key(),
                entry.end
            )
            .unwrap();
        }
        client.close().await;
        text.push_str(&seen.lock().unwrap());
        clean(what, &text);
        told.push_str(&text);
    }
}

trait Printed {
    fn intent_for_debug(&self) -> String;
}

impl Printed for recharge::smartcall::RechargeOrder {
    fn intent_for_debug(&self) -> String {
        format!(
            "{:?} {:?} {:?} {}",
            self.msisdn(),
            self.product(),
            self.amount(),
            self.reference()
        )
    }
}

#[tokio::test]
async fn nothing_that_is_logged_told_or_printed_shows_a_secret() {
    let log = Everything::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let mut told = String::new();
    everything_that_can_happen(&mut told).await;
    let log = log.0.lock().unwrap().clone();
    // The search is worth something only if there is something to search.
    assert!(
        log.contains("recharge::") && log.contains("verdict=") && log.contains("finding="),
        "{log}"
    );
    assert!(
        told.contains("Unresolved")
            && told.contains("Vended")
            && told.contains("Refused")
            && told.contains("Denied")
    );
    clean("the log", &log);
}

#[tokio::test]
async fn values_that_hold_secrets_print_none() {
    let secret = Secret::new(PASSWORD);
    clean(
        "a secret",
        &format!("{secret:?} {secret:#?} {:?}", Some(&secret)),
    );
    let stored = StoredToken {
        token: TOKEN.into(),
        expires_at: recharge::Timestamp(1),
    };
    clean("a stored token", &format!("{stored:?}"));
    let msisdn: Msisdn = SUBSCRIBER.parse().unwrap();
    clean("a number", &format!("{msisdn:?}"));
    let answer: recharge::bindings::smartcall::types::AuthResponse = serde_json::from_str(
        &format!(r#"{{"accessToken":"{TOKEN}","surprise":"{TOKEN}"}}"#),
    )
    .unwrap();
    clean("a login's answer", &format!("{answer:?}"));
    let sale: recharge::bindings::smartcall::types::Recharge = serde_json::from_str(&format!(
        r#"{{"voucherPin":"{PIN}","additionalVoucherPin":"{PIN}"}}"#
    ))
    .unwrap();
    clean("a sale's answer", &format!("{sale:?}"));
}

#[tokio::test]
async fn a_handle_and_a_row_hold_the_number_in_json_and_no_secret_and_the_file_holds_no_pin() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sales.db");
    let journal = Arc::new(Sqlite::open(&file).unwrap());
    let shop = Shop::with(
        Arc::clone(&journal) as Arc<_>,
        Policy::default(),
        &[],
        |request| match (request.route, request.number) {
            (Sale, 1) => Reply::Close,
            (Sale, _) => sold_with_a_pin(),
            (Enquiry, _) => html(500),
            _ => let_in(request),
        },
    )
    .await;
    let Ok(Outcome::Unresolved(handle, _)) = shop.sell().await.1 else {
        panic!("not lost")
    };
    let Ok(Outcome::Vended(sale)) = shop.sell().await.1 else {
        panic!("not sold")
    };
    assert_eq!(sale.receipt.pins[0].code.expose(), PIN);
    let row = shop.row(&sale.reference).await;
    for json in [
        serde_json::to_string(&handle).unwrap(),
        serde_json::to_string(&row).unwrap(),
    ] {
        assert!(json.contains(SUBSCRIBER));
        for secret in [PASSWORD, TOKEN, PIN] {
            assert!(!json.contains(secret), "{json}");
        }
    }
    let copy: Handle = serde_json::from_str(&serde_json::to_string(&handle).unwrap()).unwrap();
    assert_eq!(copy, handle);
    drop((shop, journal));
    for name in ["sales.db", "sales.db-wal"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for secret in [PASSWORD, TOKEN, PIN] {
            assert!(!text.contains(secret), "{name} holds {secret}");
        }
    }
}

#[tokio::test]
async fn an_invalid_set_up_is_refused_without_repeating_it() {
    let with = |username: &str, password: &str, url: &str| {
        let client = Client::builder(
            username,
            password,
            ACCOUNT.parse().unwrap(),
            Arc::new(Memory::new()),
        );
        client.base_urls([url]).build().expect_err("invalid")
    };
    for error in [
        with("a:b", PASSWORD, "https://h"),
        with("till", &format!("{PASSWORD}\n"), "https://h"),
        with("till", PASSWORD, &format!("https://till:{PASSWORD}@h")),
        with("till", PASSWORD, &format!("http://h/?{PASSWORD}")),
    ] {
        let error = Error::from(error);
        clean("an invalid set-up", &format!("{error} {error:?}"));
    }
}

const BASE: &str = "RECHARGE_TEST_BASE";

/// Not a test by itself: what a process does whose environment names a proxy.
#[tokio::test]
async fn a_process_behind_a_proxy() {
    let Ok(base) = std::env::var(BASE) else {
        return;
    };
    let client = Client::builder(
        USERNAME,
        PASSWORD,
        ACCOUNT.parse().unwrap(),
        Arc::new(Memory::new()),
    );
    let client = client.base_urls([base]).build().unwrap();
    assert!(matches!(
        client.recharge(&order()).await,
        Ok(Outcome::Vended(_))
    ));
}

#[tokio::test]
async fn plain_http_to_this_machine_never_goes_through_a_proxy() {
    let clock = Arc::new(Clock::new());
    let proxy = Service::start(1, &clock, |_| html(502)).await;
    let service = Service::start(1, &clock, well).await;
    let proxy_url = proxy.urls().remove(0);
    let mut process = std::process::Command::new(std::env::current_exe().unwrap());
    process
        .args(["--exact", "a_process_behind_a_proxy"])
        .env(BASE, service.urls().remove(0))
        .env("HTTP_PROXY", &proxy_url)
        .env("http_proxy", &proxy_url)
        .env("ALL_PROXY", &proxy_url)
        .env_remove("NO_PROXY")
        .env_remove("no_proxy");
    let output = tokio::task::spawn_blocking(move || process.output())
        .await
        .unwrap()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(service.count(Sale), 1);
    for route in [Login, Sale, support::Route::Other] {
        assert_eq!(proxy.count(route), 0);
    }
}
