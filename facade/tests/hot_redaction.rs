//! Rule: secrets and people's data do not leak, through HOT either: access code, password, tokens, electricity tokens, numbers and names.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use recharge::hot::{RechargeOrder, Reserved};
use recharge::journal::{Journal, Memory, Sqlite, Which};
use recharge::observe::Event;
use recharge::{Error, Outcome};
use serde_json::json;

use support::Route::{Customer, Enquiry, Login, Sale};
use support::everything::Everything;
use support::hot::*;
use support::{Reply, Request, html, json_reply};

const NAME: &str = "T MOYO";

/// Every text that must appear nowhere.
const SECRETS: [&str; 8] = [
    ACCESS_CODE,
    PASSWORD,
    TOKEN,
    "sig-1",
    "refresh-token",
    "772123456",
    METER,
    NAME,
];

#[track_caller]
fn clean(what: &str, text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{what} shows {secret}:\n{text}");
    }
}

/// All that is logged, by any test: a callsite that was met without a listener is never heard again.
fn everything() -> Everything {
    static LOG: LazyLock<Everything> = LazyLock::new(|| {
        let log = Everything::default();
        tracing::subscriber::set_global_default(log.clone()).unwrap();
        log
    });
    LOG.clone()
}

/// A service that repeats in its texts what it was told.
fn talkative(status: u16) -> Reply {
    let text = format!("263772123456 and {METER} of 0772123456");
    json_reply(
        status,
        json!({"errors": [{"name": "Target", "message": text}]}),
    )
}

type Script = Box<dyn Fn(&Request) -> Reply + Send + Sync>;

fn scripts() -> Vec<(&'static str, Script)> {
    let sale = |reply: Reply| -> Script {
        Box::new(move |request| match request.route {
            Sale => reply.clone(),
            _ => well(request),
        })
    };
    vec![
        ("sold", Box::new(well)),
        ("with a token", sale(json_reply(200, powered()))),
        ("refused with numbers", sale(talkative(400))),
        ("failed", sale(json_reply(200, not_powered()))),
        ("lost", sale(Reply::Close)),
        ("cut", sale(Reply::Cut(200, powered().to_string()))),
        (
            "broken",
            Box::new(|request| match request.route {
                Sale | Enquiry => talkative(500),
                _ => well(request),
            }),
        ),
        ("unauthorised", sale(html(401))),
        (
            "not let in",
            Box::new(|request| match request.route {
                Login => json_reply(
                    400,
                    json!({"errors": [format!("{ACCESS_CODE} is unknown")]}),
                ),
                _ => well(request),
            }),
        ),
        (
            "somebody else's",
            Box::new(|request| match request.route {
                Sale => Reply::Close,
                Enquiry => {
                    let mut raw = powered();
                    raw["rechargeData"]["Target"] = json!("37999999999");
                    transaction(request, &raw)
                }
                _ => well(request),
            }),
        ),
    ]
}

/// Everything that can be printed of one order's way.
async fn tell(shop: &Shop, order: &RechargeOrder, told: &mut String) {
    let outcome = shop.client.recharge(order).await;
    writeln!(told, "{order:?} {outcome:?} {:?}", shop.client).unwrap();
    match &outcome {
        Ok(Outcome::Vended(sale) | Outcome::Done(sale)) => writeln!(told, "{:?}", sale.receipt),
        Ok(Outcome::Pending(handle) | Outcome::Unresolved(handle, _)) => {
            writeln!(told, "{:?}", handle.intent)
        }
        Err(error) => writeln!(told, "{error} {}", matches!(error, Error::Refused { .. })),
    }
    .unwrap();
    writeln!(told, "{:?}", shop.client.enquire(order.reference()).await).unwrap();
    writeln!(told, "{:?}", shop.client.balances().await).unwrap();
    let rows = shop.journal.list(Which::All, None, 10).await.unwrap();
    writeln!(told, "{rows:?}").unwrap();
}

#[tokio::test]
async fn nothing_that_is_logged_or_printed_shows_a_secret_or_a_person() {
    let log = everything();
    for (what, script) in scripts() {
        for order in [airtime(), electricity()] {
            let clock = Arc::new(support::Clock::new());
            let service =
                support::Service::start(1, &clock, |request| script_of(what)(request)).await;
            let journal: Arc<dyn Journal> = Arc::new(Memory::new());
            let events = Everything::default();
            let seen = events.clone();
            let building = builder(&service, &clock, Arc::clone(&journal)).observer(
                move |event: &Event<'_>| {
                    writeln!(seen.0.lock().unwrap(), "{event:?}").unwrap();
                },
            );
            let mut told = format!("{building:?}\n");
            let client = building.build().unwrap();
            let shop = Shop {
                clock,
                service,
                client,
                journal,
            };
            tell(&shop, &order, &mut told).await;
            clean(what, &told);
            clean(what, &events.0.lock().unwrap());
        }
        drop(script);
    }
    let log = log.0.lock().unwrap();
    assert!(
        log.contains("recharge") && log.contains("settled"),
        "nothing was logged:\n{log}"
    );
    clean("the log", &log);
}

fn script_of(what: &str) -> Script {
    let mut scripts = scripts();
    let place = scripts.iter().position(|(each, _)| *each == what).unwrap();
    scripts.swap_remove(place).1
}

#[tokio::test]
async fn customers_reservations_and_tokens_are_printed_without_what_they_hold() {
    everything();
    let shop = Shop::open(|request| match request.route {
        Customer => json_reply(
            200,
            json!({"accountNumber": METER, "details": {"AccountName": NAME}}),
        ),
        _ => well(request),
    })
    .await;
    let customer = shop
        .client
        .customer("41".parse().unwrap(), METER)
        .await
        .unwrap();
    assert_eq!(customer.name.as_deref(), Some(NAME));
    clean("a customer", &format!("{customer:?}"));
    let Ok(Reserved::Made(reservation)) = shop.client.reserve(&airtime(), true).await else {
        panic!("not reserved")
    };
    clean("a reservation", &format!("{reservation:?}"));
}

#[tokio::test]
async fn the_journals_file_holds_no_password_and_no_token_of_electricity() {
    everything();
    let folder = tempfile::tempdir().unwrap();
    let journal: Arc<dyn Journal> = Arc::new(Sqlite::open(folder.path().join("journal")).unwrap());
    let policy = recharge::Policy::default();
    let shop = Shop::with(
        journal,
        policy,
        script(|_| json_reply(200, powered()), |_| html(500)),
    )
    .await;
    let (_, outcome) = shop.sell_this(electricity()).await;
    assert!(matches!(outcome, Ok(Outcome::Vended(_))), "{outcome:?}");
    let mut searched = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        searched += usize::from(text.contains(METER));
        assert!(!text.contains(TOKEN) && !text.contains(PASSWORD));
    }
    assert!(searched > 0, "the row is there to be searched");
}
