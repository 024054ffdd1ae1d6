//! A till that sells a file of rows through HOT, built beside the tests so that a campaign can start it and kill it.
//!
//! `hot-till BASE_URL JOURNAL ROWS AT_ONCE SETTLE_MS DEADLINE_MS TIMEOUT_MS`; the access code and the password come from the environment. Each row of the file
//! is a JSON object; each outcome is one on the output. A row that was begun before is carried on, by its reference.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use recharge::hot::{AgentReference, Client, RechargeOrder, Reservation, Reserved};
use recharge::journal::Sqlite;
use recharge::{Error, Outcome, Policy};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone, Debug, Deserialize)]
struct Row {
    reference: String,
    kind: String,
    target: String,
    product: String,
    amount: String,
    /// `sell`, or what becomes of the reservation: `complete`, `cancel`, `leave`.
    then: String,
}

fn main() -> ExitCode {
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failed::from)
        .and_then(|runtime| runtime.block_on(sell()));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn sell() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base_url, journal, rows, at_once, settle, deadline, timeout] = arguments.as_slice() else {
        return Err("seven arguments are needed".into());
    };
    let ms = |text: &String| text.parse().map(Duration::from_millis);
    let policy = Policy {
        enquiries_max: 256,
        ..Policy::default()
            .with_settle(ms(settle)?)
            .with_deadline(ms(deadline)?)
            .with_attempt_timeout(ms(timeout)?)
    };
    let journal = Arc::new(Sqlite::open(journal)?);
    let (code, password) = (
        std::env::var("HOT_ACCESS_CODE")?,
        std::env::var("HOT_PASSWORD")?,
    );
    let client = Client::builder(code, password, Arc::clone(&journal) as Arc<_>)
        .base_url(base_url)
        .policy(policy)
        .token_store(journal)
        .build()?;
    let rows: Vec<Row> = std::fs::read_to_string(rows)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let at_once: usize = at_once.parse()?;
    let mut work = JoinSet::new();
    for row in rows {
        if work.len() >= at_once {
            work.join_next().await;
        }
        let client = client.clone();
        work.spawn(async move {
            let told = match one(&client, &row).await {
                Ok(told) => told,
                Err(error) => json!({ "outcome": "wrong", "why": error.to_string() }),
            };
            println!("{}", json!({ "reference": row.reference, "told": told }));
        });
    }
    while work.join_next().await.is_some() {}
    Ok(())
}

async fn one(client: &Client, row: &Row) -> Result<Value, Failed> {
    let (product, amount) = (row.product.parse()?, row.amount.parse()?);
    let order = match row.kind.as_str() {
        "airtime" => RechargeOrder::airtime(product, row.target.parse()?, amount),
        "bundle" => RechargeOrder::bundle(product, row.target.parse()?, "DDB20", amount)?,
        _ => {
            RechargeOrder::electricity(product, row.target.parse()?, "0772000000".parse()?, amount)
        }
    };
    let order = order.with_reference(row.reference.parse::<AgentReference>()?);
    if row.then == "sell" {
        return Ok(told(client.recharge(&order).await));
    }
    // A reservation that was made is there again, and so is what became of it.
    Ok(match client.reserve(&order, false).await {
        Ok(Reserved::Made(reservation)) => second(reservation, &row.then).await,
        Ok(Reserved::Lost(_)) => json!({ "outcome": "lost" }),
        Err(error) => told(Err(error)),
    })
}

async fn second(reservation: Reservation, then: &str) -> Value {
    match then {
        "complete" => told(reservation.complete().await),
        "cancel" => told(reservation.cancel().await),
        _ => json!({ "outcome": "left" }),
    }
}

fn told(outcome: Result<Outcome, Error>) -> Value {
    let word = match &outcome {
        Ok(Outcome::Vended(sale)) => {
            let (id, pins) = (&sale.provider_reference, sale.receipt.pins.len());
            return json!({ "outcome": "vended", "id": id, "pins": pins });
        }
        Ok(Outcome::Done(_)) => "done",
        Ok(Outcome::Pending(_)) => "pending",
        Ok(Outcome::Unresolved(..)) => "unresolved",
        Err(Error::Refused { .. }) => "refused",
        Err(Error::NotSent { .. } | Error::Denied { .. }) => "not_sent",
        Err(_) => "wrong",
    };
    json!({ "outcome": word, "why": format!("{outcome:?}") })
}
