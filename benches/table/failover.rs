//! The first host goes down under load and comes back: what reads notice of it, whether it is taken back, and whether any sale was sent to
//! another host than the one that may have taken it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use recharge::journal::Memory;
use recharge::smartcall::{Client, RechargeOrder};
use recharge::{Outcome, Policy};
use recharge_sandbox::{LedgerView, Sandbox};
use tokio::task::JoinSet;

use crate::child::{self, Service};
use crate::gate::{Gate, How};
use crate::kind;

const READERS: usize = 16;
const SELLERS: usize = 4;
/// Up, then down, then up again.
const DOWN_AT: Duration = Duration::from_secs(1);
const UP_AT: Duration = Duration::from_secs(4);
const END: Duration = Duration::from_secs(9);
const CONNECT: Duration = Duration::from_millis(500);
/// Reads are at full speed again once the connect timeout, and a while to notice, are over.
const SETTLED: Duration = Duration::from_millis(1500);

pub(crate) fn table() -> String {
    let mut out = format!(
        "## The first host is down for {} s; {READERS} tasks read, {SELLERS} sell; connect timeout {} s\n\n| how | reads a second: before | while it is down, after {} s | slowest read | reads that took longer than the connect timeout | taken back after | sold | sold twice | sent to both hosts | told wrongly |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        (UP_AT - DOWN_AT).as_secs(),
        CONNECT.as_secs_f64(),
        SETTLED.as_secs_f64(),
    );
    for (name, how) in [
        ("nothing happens", How::Answers),
        ("refuses connections", How::Refuses),
        ("HTTP 503 to every read", How::Broken),
        ("a black hole, open connections silent too", How::Silent),
    ] {
        let seen = run(how);
        let rate = |from: Duration, to: Duration| {
            let within = seen
                .reads
                .iter()
                .filter(|(at, took)| (from..to).contains(&(*at + *took)));
            within.count() as f64 / (to - from).as_secs_f64()
        };
        let slowest = seen
            .reads
            .iter()
            .map(|(_, took)| *took)
            .max()
            .unwrap_or_default();
        let slow = seen
            .reads
            .iter()
            .filter(|(_, took)| *took > CONNECT)
            .count();
        let _ = writeln!(
            out,
            "| {name} | {:.0} | {:.0} | {:.2} s | {slow} | {} | {} | {} | {} | {} |",
            rate(DOWN_AT / 2, DOWN_AT),
            rate(DOWN_AT + SETTLED, UP_AT),
            slowest.as_secs_f64(),
            seen.taken_back
                .filter(|_| how != How::Answers)
                .map_or("".into(), |after| format!("{:.1} s", after.as_secs_f64())),
            seen.ledger.sales().count(),
            seen.sold_twice(),
            seen.sent_to_both(),
            seen.told_wrongly(),
        );
    }
    out
}

struct Seen {
    /// When each read began and how long it took.
    reads: Vec<(Duration, Duration)>,
    /// The references that were told as sold.
    told: BTreeSet<String>,
    taken_back: Option<Duration>,
    ledger: LedgerView,
}

impl Seen {
    fn sold_twice(&self) -> usize {
        let sales = self.ledger.sales_by_reference();
        sales.values().filter(|count| **count > 1).count()
    }

    fn sent_to_both(&self) -> usize {
        let mut hosts: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for attempt in &self.ledger.attempts {
            hosts
                .entry(&attempt.reference)
                .or_default()
                .insert(attempt.host);
        }
        hosts.values().filter(|hosts| hosts.len() > 1).count()
    }

    /// Sold and not told so, or the other way round.
    fn told_wrongly(&self) -> usize {
        let sales = self.ledger.sales_by_reference();
        let sold: BTreeSet<_> = sales.into_keys().map(str::to_owned).collect();
        sold.symmetric_difference(&self.told).count()
    }
}

fn run(how: How) -> Seen {
    child::runtime().block_on(async {
        let sandbox = Sandbox::builder()
            .five_minute_rule(false)
            .balance(1_000_000_000.into())
            .start()
            .await
            .expect("a sandbox");
        let mut base_urls = sandbox.base_urls();
        let first: reqwest::Url = base_urls[0].parse().expect("a URL");
        let host = first.socket_addrs(|| None).expect("an address")[0];
        let gate = Gate::before(host).await;
        base_urls[0] = format!("http://{}{}", gate.address, first.path());
        let service = Service {
            base_urls,
            username: sandbox.username().to_owned(),
            password: sandbox.password().to_owned(),
            account: sandbox.account().to_owned(),
            ledger: sandbox.ledger_url(),
        };
        let policy = Policy {
            connect_timeout: CONNECT,
            attempt_timeout: Duration::from_secs(2),
            ..Policy::default().with_settle(Duration::from_secs(2))
        };
        let client = kind::builder(&service, Arc::new(Memory::new()))
            .policy(policy)
            .build()
            .expect("a client");
        let begun = Instant::now();
        let mut readers = JoinSet::new();
        for _ in 0..READERS {
            readers.spawn(read(client.clone(), begun));
        }
        let mut sellers = JoinSet::new();
        for number in 0..SELLERS {
            sellers.spawn(sell(client.clone(), begun, number));
        }
        tokio::time::sleep(DOWN_AT).await;
        gate.is_now(how);
        tokio::time::sleep(UP_AT - DOWN_AT).await;
        gate.is_now(How::Answers);
        let up = Instant::now();
        let reads = readers.join_all().await.into_iter().flatten().collect();
        let told = sellers.join_all().await.into_iter().flatten().collect();
        Seen {
            reads,
            told,
            taken_back: gate.taken_back().map(|at| at - up),
            ledger: sandbox.ledger(),
        }
    })
}

async fn read(client: Client, begun: Instant) -> Vec<(Duration, Duration)> {
    let mut seen = Vec::new();
    while begun.elapsed() < END {
        let at = begun.elapsed();
        client.balance().await.expect("a balance");
        seen.push((at, begun.elapsed() - at));
    }
    seen
}

/// Sells until the end; gives back the references that were told as sold.
async fn sell(client: Client, begun: Instant, seller: usize) -> Vec<String> {
    let mut told = Vec::new();
    for number in (seller as u64 * 1_000_000).. {
        if begun.elapsed() >= END {
            break;
        }
        let msisdn = kind::subscriber(number).parse().expect("a number");
        let product = "62".parse().expect("a product");
        let order = RechargeOrder::new(msisdn, product, "5".parse().expect("an amount"));
        if let Ok(Outcome::Vended(sale)) = client.recharge(&order).await {
            told.push(sale.reference.to_string());
        }
    }
    told
}
