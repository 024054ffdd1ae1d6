//! HOT's promise, held against the ledger of a service that refuses no reference that it has seen: 2,000 recharges and 500 reservations at a fault
//! rate of 35 %, the till killed with SIGKILL at 20 moments and started again. Nothing is sold twice, nothing is told wrong, and once the faults
//! stop every sale that happened is told as one.
//!
//! What never arrived stays unresolved: no document lets a client send it again. `CAMPAIGN_SEED`, `CAMPAIGN_ROWS` and `CAMPAIGN_KILLS` change the
//! campaign.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use recharge_sandbox::{HotKind, HotStatus, Sandbox};
use serde::Deserialize;

/// Short waits, so that a campaign of thousands ends within its minute. None of them decides whether it passes.
const FAULTS: &str =
    "0.32,late-sale=0.05,late-answer-ms=600,late-sale-ms=2500,refuse-ms=60,lag-ms=1500";
/// Rows at once, settle window, deadline, time of one attempt: while things go wrong, and afterwards. Each kill leaves what was under way in doubt.
const HURRIED: [&str; 4] = ["20", "250", "600", "300"];
const CALM: [&str; 4] = ["512", "250", "1000", "30000"];

#[test]
fn a_campaign_with_kills_never_sells_twice_and_tells_the_truth() {
    let from_environment = |name: &str, default: usize| {
        std::env::var(name).map_or(default, |text| text.parse().expect(name))
    };
    let seed = from_environment("CAMPAIGN_SEED", 1) as u64;
    let rows = from_environment("CAMPAIGN_ROWS", 2500);
    let kills = from_environment("CAMPAIGN_KILLS", 20);

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut campaign = runtime.block_on(Campaign::start(seed, rows));
    let killed = campaign.run_with_kills(kills);
    campaign.settle();

    let report = campaign.compare();
    println!("seed {seed}: {killed} kills, {report}");
    assert!(
        killed >= kills,
        "the campaign ended after {killed} kills: it proves less than it should"
    );
    assert!(report.wrong.is_empty(), "{:#?}", report.wrong);
    assert_eq!(report.sold_twice, 0, "{report:?}");
    assert_eq!(report.sent_twice, 0, "{report:?}");
    // How many never arrive is up to the faults; that most of it is idle would prove nothing.
    assert!(report.sold > rows / 10, "{report:?}");
}

/// One line of the till's output.
#[derive(Clone, Debug, Deserialize)]
struct Line {
    reference: String,
    told: Told,
}

#[derive(Clone, Debug, Deserialize)]
struct Told {
    outcome: String,
    id: Option<String>,
    pins: Option<usize>,
    #[allow(dead_code)]
    why: Option<String>,
}

#[derive(Clone, Debug)]
struct Row {
    kind: &'static str,
    then: &'static str,
    line: String,
}

struct Campaign {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
    random: Random,
    rows: BTreeMap<String, Row>,
    /// Everything that was told, by reference.
    told: BTreeMap<String, Vec<Told>>,
    /// What was already wrong when it was told.
    wrong: Vec<String>,
}

#[derive(Debug, Default)]
struct Report {
    sold: usize,
    sold_twice: usize,
    /// A reference that was submitted more than once, though an earlier submission may have arrived.
    sent_twice: usize,
    refused: usize,
    unresolved: usize,
    cancelled: usize,
    submissions: usize,
    logins: u64,
    refreshes: u64,
    wrong: Vec<String>,
}

impl Campaign {
    async fn start(seed: u64, rows: usize) -> Self {
        let mut builder = Sandbox::builder()
            .hosts(1)
            .seed(seed)
            .faults(FAULTS.parse().unwrap())
            // Electricity is final before anybody believes that it failed.
            .hot_pending_after(Duration::from_millis(100))
            .hot_token_lifetime(Duration::from_secs(20))
            .hot_deduplicate(false);
        for wallet in 1..=4 {
            builder = builder.hot_wallet(wallet, 10_000_000.into());
        }
        let mut random = Random(seed);
        Self {
            sandbox: builder.start().await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
            rows: (0..rows).map(|row| random_row(row, &mut random)).collect(),
            random,
            told: BTreeMap::new(),
            wrong: Vec::new(),
        }
    }

    /// Starts the till again and again, and kills it when as many rows were told as chance says.
    fn run_with_kills(&mut self, kills: usize) -> usize {
        let mut killed = 0;
        for kill in 0..kills {
            // Each life gets a share of what is left, so that the last one still has something to be killed at.
            let left = self.rows.len() - self.told.len();
            let share = 1 + self.random.below(2 * left.max(1) / (kills - kill + 1));
            let goal = (self.told.len() + share).min(self.rows.len() - 1);
            let delay = Duration::from_millis(self.random.below(30) as u64);
            let untold = |campaign: &Self, reference: &str| !campaign.told.contains_key(reference);
            let mut child = self.till(HURRIED, untold);
            let survived = self.listen(&mut child, |told| told >= goal);
            std::thread::sleep(delay);
            if !survived {
                // SIGKILL: nothing of the process runs any more.
                child.kill().unwrap();
                killed += 1;
            }
            child.wait().unwrap();
        }
        killed
    }

    /// Runs the rest; then, with the faults off and nothing under way any more, asks for what is not final.
    fn settle(&mut self) {
        let mut child = self.till(HURRIED, |campaign, reference| {
            !campaign.told.contains_key(reference)
        });
        self.listen(&mut child, |_| false);
        child.wait().unwrap();
        self.sandbox.set_faults(recharge_sandbox::Faults::none());
        self.sandbox.hurry();
        let mut child = self.till(CALM, |campaign, reference| {
            let last = campaign.told.get(reference).and_then(|told| told.last());
            let open = |told: &Told| matches!(&*told.outcome, "unresolved" | "lost" | "not_sent");
            last.is_none_or(open)
        });
        self.listen(&mut child, |_| false);
        assert!(child.wait().unwrap().success());
    }

    /// A till for the rows that are wanted, in an order of chance.
    fn till(&mut self, times: [&str; 4], wanted: impl Fn(&Self, &str) -> bool) -> Child {
        let mut lines: Vec<&str> = self
            .rows
            .iter()
            .filter(|(reference, _)| wanted(self, reference))
            .map(|(_, row)| row.line.as_str())
            .collect();
        let mut random = Random(self.random.0);
        for place in (1..lines.len()).rev() {
            lines.swap(place, random.below(place + 1));
        }
        std::fs::write(self.folder.path().join("rows.jsonl"), lines.concat()).unwrap();
        self.random = random;
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.path().join("stderr.log"))
            .unwrap();
        Command::new(env!("CARGO_BIN_EXE_hot-till"))
            .current_dir(self.folder.path())
            .arg(&self.sandbox.hot_base_urls()[0])
            .args(["journal.db", "rows.jsonl"])
            .args(times)
            .env("HOT_ACCESS_CODE", self.sandbox.hot_access_code())
            .env("HOT_PASSWORD", self.sandbox.hot_password())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    /// Takes in what a child tells, until it ends (`true`) or `enough` rows were told (`false`).
    fn listen(&mut self, child: &mut Child, enough: impl Fn(usize) -> bool) -> bool {
        let output = BufReader::new(child.stdout.take().unwrap());
        let (lines, inbox) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| lines.send(line))
        });
        while let Ok(line) = inbox.recv() {
            self.hear(&line);
            if enough(self.told.len()) {
                return false;
            }
        }
        reader.join().unwrap().unwrap();
        true
    }

    fn hear(&mut self, line: &str) {
        // A kill can cut a line short; then it was not told.
        let Ok(line) = serde_json::from_str::<Line>(line) else {
            return;
        };
        let ledger = self.sandbox.ledger();
        let sold = ledger.hot.sales_of(&line.reference);
        if line.told.outcome == "not_sent" && sold > 0 {
            self.wrong
                .push(format!("told not_sent, and sold: {line:?}"));
        }
        self.told.entry(line.reference).or_default().push(line.told);
    }

    /// Holds what was told against what was sold.
    fn compare(&self) -> Report {
        let ledger = self.sandbox.ledger().hot;
        let mut report = Report {
            wrong: self.wrong.clone(),
            submissions: ledger.attempts.len(),
            logins: ledger.logins,
            refreshes: ledger.refreshes,
            ..Report::default()
        };
        let mut submitted: BTreeMap<&str, usize> = BTreeMap::new();
        // A 401 is no submission: the service looked at nothing.
        for attempt in ledger
            .attempts
            .iter()
            .filter(|attempt| attempt.answer != Some(401))
        {
            *submitted.entry(&attempt.reference).or_default() += 1;
        }
        report.sent_twice = submitted.values().filter(|times| **times > 1).count();
        for (reference, row) in &self.rows {
            let Some(told) = self.told.get(reference) else {
                report
                    .wrong
                    .push(format!("nothing was told of {reference}"));
                continue;
            };
            let named = |entry: &&recharge_sandbox::HotEntry| {
                entry.reference == *reference || entry.original.as_deref() == Some(reference)
            };
            let sold = ledger.sales().filter(named).count();
            let cancelled = ledger.entries.iter().filter(named).any(|entry| {
                entry.kind == HotKind::Cancel && entry.status == HotStatus::Successful
            });
            let last = told.last().unwrap();
            match last.outcome.as_str() {
                "vended" => report.sold += 1,
                "refused" => report.refused += 1,
                "done" => report.cancelled += 1,
                _ => report.unresolved += 1,
            }
            report.sold_twice += usize::from(sold > 1);
            if cancelled && sold > 0 {
                report
                    .wrong
                    .push(format!("{reference} was cancelled and sold"));
            }
            // Every sale that happened is found once the faults are off.
            let lost = sold > 0 && last.outcome != "vended";
            let lies = told
                .iter()
                .filter(|told| !is_true(told, row, sold, cancelled));
            let lies = lies.map(|told| format!("{reference} sold {sold} times: {row:?} {told:?}"));
            report.wrong.extend(lies);
            if lost {
                report.wrong.push(format!(
                    "{reference} is sold and not told: {row:?} {last:?}"
                ));
            }
        }
        report
    }
}

/// Whether a telling is true, given how often it was sold in the end.
fn is_true(told: &Told, row: &Row, sold: usize, cancelled: bool) -> bool {
    match told.outcome.as_str() {
        "vended" => {
            // The tokens of a sale that is told again from the journal are asked for by an enquiry.
            let pins = row.kind == "electricity" || told.pins == Some(0);
            sold == 1 && told.id.is_some() && pins && matches!(row.then, "sell" | "complete")
        }
        "refused" => sold == 0,
        "done" => sold == 0 && cancelled && row.then == "cancel",
        "left" => sold == 0 && row.then == "leave",
        // Whether it was sold when it was told is looked up at that moment.
        "not_sent" | "unresolved" | "lost" => true,
        _ => false,
    }
}

/// A row with a customer of its own. One in five is a reservation; one in thirty costs what the simulator refuses or leaves pending.
fn random_row(row: usize, random: &mut Random) -> (String, Row) {
    let (kind, product, target) = match random.below(10) {
        0..=4 => (
            "airtime",
            [7, 100, 101][random.below(3)],
            format!("077{row:07}"),
        ),
        5 | 6 => ("bundle", 16, format!("078{row:07}")),
        _ => (
            "electricity",
            [24, 41][random.below(2)],
            format!("37{row:09}"),
        ),
    };
    let odd = match kind {
        "airtime" => [11, 17, 17],
        _ => [13, 14, 42],
    };
    let amount = match kind {
        "bundle" => "284".to_owned(),
        _ => match odd.get(random.below(30)) {
            Some(odd) => odd.to_string(),
            None => format!("{}.50", 50 + random.below(100)),
        },
    };
    let then = match (row % 5, random.below(10)) {
        (0..=3, _) => "sell",
        (_, 0..=5) => "complete",
        (_, 6..=8) => "cancel",
        _ => "leave",
    };
    let reference = format!("DIV-SHOP{:02}-T1-ANNA-{row:06}-01", row % 20);
    let mut line = String::new();
    writeln!(
        line,
        r#"{{"reference":"{reference}","kind":"{kind}","target":"{target}","product":"{product}","amount":"{amount}","then":"{then}"}}"#
    )
    .unwrap();
    (reference, Row { kind, then, line })
}

/// Chance from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            sold,
            sold_twice,
            sent_twice,
            refused,
            unresolved,
            cancelled,
            submissions,
            logins,
            refreshes,
            wrong,
        } = self;
        write!(
            f,
            "sold {sold}, sold twice {sold_twice}, sent twice {sent_twice}, refused {refused}, cancelled {cancelled}, never arrived {unresolved}, "
        )?;
        write!(
            f,
            "told wrong {}, {submissions} submissions, {logins} logins, {refreshes} refreshes",
            wrong.len()
        )
    }
}
