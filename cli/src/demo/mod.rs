//! `recharge demo`: shows what the promise is worth, on a sandbox in this process that fails on purpose.
//!
//! It works as an operator would: sells a list; carries on with what is open and sells again, with the
//! same reference, what was not sent; and once the service is well again does so until nothing is left.
//! Then what was told is held against the sandbox's own ledger.

mod comparison;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt, stream};
use recharge::journal::Sqlite;
use recharge::observe::Event;
use recharge::smartcall::{Client, RechargeOrder};
use recharge::{Invalid, Policy, Secret};
use recharge_sandbox::{Faults, Sandbox};

use crate::args::DemoArgs;
use crate::counts::Counts;
use crate::exit::{Exit, Failure, note};
use crate::printer::Printer;
use crate::references::References;
use crate::report::{Report, Tally, Told};
use crate::sandbox::chain;
use crate::smartcall::journaled;

/// More than a third of all requests fail, in all ways, for times that suit a demonstration.
pub(crate) const FAULTS: &str = "0.35,refuse-ms=100,late-answer-ms=600,late-sale-ms=200,lag-ms=300";

const ROWS: usize = 50;
const CONCURRENCY: usize = 25;
/// Rounds of carrying on, after the first of which the service is well again.
const ROUNDS_MAX: usize = 5;
/// Beyond the slowest fault: how long until nothing is on its way any more.
const MARGIN: Duration = Duration::from_millis(200);

/// Networks by their prefixes, with what is sold there. The service's simulator gives some amounts a
/// meaning of their own (11, 13, 17, 42 and 45 rand); these have none.
const PRODUCTS: [(&str, &str, &[&str]); 5] = [
    ("082", "62", &["5.00", "29.50", "100.00"]),
    ("083", "63", &["10.00", "55.00"]),
    ("084", "189", &["15.00", "30.00", "75.50"]),
    ("081", "24", &["20.00", "35.00"]),
    ("076", "13", &["10.00"]),
];

type List = Vec<(usize, RechargeOrder)>;
type Enquiries = Arc<Mutex<HashMap<String, usize>>>;

/// What became of one order.
struct Sold {
    /// Its place in the list.
    number: usize,
    order: RechargeOrder,
    report: Report,
}

pub(crate) async fn run(args: DemoArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let spec = &args.faults;
    let faults: Faults = spec
        .parse()
        .map_err(|error| Failure::usage(format!("--faults {spec}: {error}")))?;
    let slowest = faults.late_sale.max(faults.lag) + MARGIN;
    note(format!(
        "A sandbox fails on purpose (--seed {} --faults {spec}), and {ROWS} recharges are sold to it.",
        args.seed
    ));
    let sandbox = Sandbox::builder()
        .seed(args.seed)
        .faults(faults)
        .start()
        .await
        .map_err(chain)?;
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::other(format!("no folder for a journal: {error}")))?;
    let enquiries = Enquiries::default();
    let client = client(
        &sandbox,
        Arc::new(Sqlite::open(folder.path().join("demo.journal"))?),
        slowest,
        &enquiries,
    )?;

    let mut sold = work(&client, &sandbox, orders(&client, args.seed)?).await?;
    sold.sort_by_key(|sold| sold.number);
    client.close().await;
    tokio::time::sleep(slowest).await;
    let ledger = sandbox.ledger();
    sandbox.shutdown().await;

    comparison::print(&sold, &ledger, &enquiries, printer)?;
    comparison::compare(&client, &sold, &ledger, printer).await
}

fn client(
    sandbox: &Sandbox,
    journal: Arc<Sqlite>,
    settle: Duration,
    enquiries: &Enquiries,
) -> Result<Client, Invalid> {
    let policy = Policy {
        poll_cap: Duration::from_millis(400),
        reconnect_min: Duration::from_millis(50),
        reconnect_cap: Duration::from_millis(200),
        busy_cap: Duration::from_millis(400),
        ..Policy::default()
            .with_attempt_timeout(Duration::from_millis(400))
            .with_settle(settle)
    };
    let counted = Arc::clone(enquiries);
    Client::builder(
        sandbox.username(),
        Secret::new(sandbox.password()),
        sandbox.account().parse()?,
        journal.clone(),
    )
    .base_urls(sandbox.base_urls())
    .token_store(journal)
    .policy(policy.with_deadline(settle * 4))
    .observer(move |event: &Event<'_>| {
        if let Event::Enquired { reference, .. } = event {
            *counted
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(reference.to_string())
                .or_default() += 1;
        }
    })
    .build()
}

/// The list; its references are made of the seed, because they decide, together with it, what fails.
fn orders(client: &Client, seed: u64) -> Result<List, Failure> {
    let name = format!("demo {seed}");
    let mut references = References::new(client.account(), name.as_bytes(), Counts::of_few());
    let mut order = |number: usize| -> Result<RechargeOrder, Failure> {
        let (prefix, product, amounts) = PRODUCTS[number % PRODUCTS.len()];
        let msisdn = format!("{prefix}{:07}", 5_550_000 + number).parse()?;
        let (product, amount) = (
            product.parse()?,
            amounts[number / PRODUCTS.len() % amounts.len()].parse()?,
        );
        let reference = references.next(msisdn, product, amount);
        Ok(RechargeOrder::new(msisdn, product, amount)
            .with_reference(reference.map_err(Failure::other)?))
    };
    (0..ROWS)
        .map(|number| Ok((number, order(number)?)))
        .collect()
}

/// Sells the list, and carries on until nothing is open or unsent.
async fn work(client: &Client, sandbox: &Sandbox, orders: List) -> Result<Vec<Sold>, Failure> {
    let mut sold = sell(client, orders).await;
    note(format!("Sold the list:     {}", tally(&sold)));
    for round in 1..=ROUNDS_MAX {
        if tally(&sold).exit() == Exit::Success {
            break;
        }
        if round > 1 {
            sandbox.set_faults(Faults::none());
        }
        client.recover(|_, _| {}).await?;
        // What recovery settled is read from the journal; what was not sent is sold again, with the same reference.
        let (done, rest): (Vec<_>, Vec<_>) = sold
            .into_iter()
            .partition(|sold| sold.report.outcome == Told::Succeeded);
        sold = done;
        sold.extend(
            sell(
                client,
                rest.into_iter()
                    .map(|sold| (sold.number, sold.order))
                    .collect(),
            )
            .await,
        );
        let service = if round > 1 {
            "service well"
        } else {
            "faults on"
        };
        note(format!("Carried on ({service}): {}", tally(&sold)));
    }
    Ok(sold)
}

async fn sell(client: &Client, orders: List) -> Vec<Sold> {
    let sell = async |(number, order): (usize, RechargeOrder)| {
        let result = client.recharge(&order).await;
        let report = Report::of_order(
            &(&order).into(),
            &result,
            journaled(client, order.reference()).await.as_ref(),
        );
        Sold {
            number,
            order,
            report,
        }
    };
    stream::iter(orders)
        .map(sell)
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await
}

fn tally(sold: &[Sold]) -> Tally {
    let mut tally = Tally::default();
    sold.iter().for_each(|sold| tally.add(sold.report.outcome));
    tally
}
