//! Sales a second on loopback, the service in another process. The four are taken in turn, several times, and the best of each counts, since
//! what disturbs a machine makes it slower and never faster.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::child::{self, Serving};
use crate::kind::{Kind, Seller, disk};

const TASKS: [u64; 3] = [1, 16, 256];
const ROUNDS: usize = 8;
const ROUND: Duration = Duration::from_millis(500);

/// Sells for a while with so many tasks, and prints how many sales a second that made.
pub(crate) fn keep_busy(kind: Kind, tasks: u64, how_long: Duration) {
    let service = child::service();
    let rate = child::runtime().block_on(async {
        let seller = Arc::new(Seller::new(kind, &service).await);
        let next = Arc::new(AtomicU64::new(0));
        // Connections and the token are there before the clock runs.
        work(&seller, &next, tasks, Duration::from_millis(150)).await;
        let begun = Instant::now();
        let sold = work(&seller, &next, tasks, how_long).await;
        sold as f64 / begun.elapsed().as_secs_f64()
    });
    println!("{rate}");
}

async fn work(seller: &Arc<Seller>, next: &Arc<AtomicU64>, tasks: u64, how_long: Duration) -> u64 {
    let end = Instant::now() + how_long;
    let mut working = tokio::task::JoinSet::new();
    for _ in 0..tasks {
        let (seller, next) = (Arc::clone(seller), Arc::clone(next));
        working.spawn(async move {
            let mut sold = 0;
            while Instant::now() < end {
                seller.sell(next.fetch_add(1, Ordering::Relaxed)).await;
                sold += 1;
            }
            sold
        });
    }
    working.join_all().await.into_iter().sum()
}

pub(crate) fn table() -> String {
    let serving = child::start(Duration::ZERO);
    let mut out = String::from("## Sales a second on loopback\n\n| tasks |");
    for kind in Kind::ALL {
        let _ = write!(out, " {} |", kind.title());
    }
    out.push_str(" (c) / (a) | target | (d) / (a) | target |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    let mut one_by_one = 0.0;
    for tasks in TASKS {
        let mut best = [0.0_f64; 4];
        for _ in 0..ROUNDS {
            for (best, kind) in best.iter_mut().zip(Kind::ALL) {
                *best = best.max(rate(kind, tasks, &serving));
            }
        }
        let [plain, bindings, memory, sqlite] = best;
        let _ = writeln!(
            out,
            "| {tasks} | {plain:.0} | {bindings:.0} | {memory:.0} | {sqlite:.0} | {:.2} | 0.85 | {:.2} | {} |",
            memory / plain,
            sqlite / plain,
            if tasks == 256 { "0.6" } else { "" }
        );
        if tasks == 1 {
            one_by_one = 1.0 / sqlite - 1.0 / memory;
        }
    }
    let sync = sync().as_secs_f64();
    let _ = writeln!(
        out,
        "\nOne task: a journal in SQLite adds {:.0} µs a sale; two syncs of the same disk take {:.0} µs: {:.2} times (target 1.2).",
        one_by_one * 1e6,
        2.0 * sync * 1e6,
        one_by_one / (2.0 * sync)
    );
    out
}

fn rate(kind: Kind, tasks: u64, serving: &Serving) -> f64 {
    let words = [
        "keep-busy",
        kind.word(),
        &tasks.to_string(),
        &ROUND.as_millis().to_string(),
    ];
    let output = child::command(&[], &words, &serving.service)
        .output()
        .expect("a caller");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .expect("a rate")
}

/// How long the disk takes for one sync of as much as one commit writes: the median of many.
fn sync() -> Duration {
    use std::io::Write;
    let mut file = tempfile::tempfile_in(disk()).expect("a file");
    let page = [7_u8; 3 * (4096 + 24)];
    let mut times: Vec<_> = (0..300)
        .map(|_| {
            let begun = Instant::now();
            file.write_all(&page).expect("a write");
            file.sync_data().expect("a sync");
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}
