//! **The rule: no more rows are begun than may be worked on at once, and each is told as soon as it ends.**
//!
//! The file is streamed; what is held is the rows in work, however long it is.
//! A reference that is in work is not begun a second time: its second row waits, so that what comes of it
//! does not depend on luck.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use recharge::Timestamp;
use recharge::ambient::{Ambient, System};
use recharge::journal::{Ending, Entry};
use recharge::smartcall::{Client, RechargeOrder};

use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::report::{Report, Tally};
use crate::rows::{BadRow, Rows};
use crate::smartcall::BulkArgs;
use crate::smartcall::journaled;
use crate::stop::Stop;

const STOPPING: &str = "recharge: no new rows are taken; waiting for those in work (once more to end at once, which is safe)";

/// What a run has done so far.
#[derive(Debug, Default)]
struct Progress {
    tally: Tally,
    bad_rows: usize,
    settled_before: usize,
    /// Why no more rows are taken, if that is not the end of the file.
    interrupted: Option<String>,
}

/// The end of one row.
struct Done {
    order: RechargeOrder,
    report: Report,
    settled_before: bool,
}

pub(crate) async fn run(
    client: &Client,
    args: &BulkArgs,
    folder: &Path,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let mut rows = Rows::open(&args.file, client.account(), Some(folder))?;
    let mut stop = Stop::listen(STOPPING);
    printer.start_progress(
        args.file
            .metadata()
            .map(|file| file.len())
            .unwrap_or_default(),
    );
    let begun_at = System::new().now();
    let mut progress = Progress::default();
    let mut work = FuturesUnordered::new();
    let mut in_work = HashSet::new();
    let mut held: Option<RechargeOrder> = None;
    let mut at_end = false;
    loop {
        while !at_end && work.len() < usize::from(args.concurrency) {
            if stop.requested() {
                progress
                    .interrupted
                    .get_or_insert_with(|| "stopped before the end of the file".to_owned());
            }
            if progress.interrupted.is_some() {
                break;
            }
            let Some(order) = held
                .take()
                .or_else(|| next(&mut rows, &mut progress, printer))
            else {
                at_end = true;
                break;
            };
            if !in_work.insert(order.reference().clone()) {
                held = Some(order);
                break;
            }
            work.push(sell(client, order, begun_at));
        }
        tokio::select! {
            done = work.next() => {
                let Some(done) = done else { break };
                in_work.remove(done.order.reference());
                progress.take_in(&done, printer);
            }
            () = stop.wait(), if !stop.requested() => {}
        }
        printer.progress(rows.position(), &progress.tally);
    }
    printer.end_progress();
    progress.tell(args, printer);
    Ok(progress.exit())
}

/// The next order that can be sold; bad rows are told on the way.
fn next(rows: &mut Rows, progress: &mut Progress, printer: &Printer) -> Option<RechargeOrder> {
    loop {
        match rows.next() {
            Ok(Some(Ok(order))) => return Some(order),
            Ok(Some(Err(BadRow { line, problem }))) => {
                progress.bad_rows += 1;
                printer.note(&format!("line {line}: {problem}; nothing was sent for it"));
            }
            Ok(None) => return None,
            Err(error) => {
                progress.interrupted = Some(format!("the file cannot be read on: {error}"));
                return None;
            }
        }
    }
}

async fn sell(client: &Client, order: RechargeOrder, begun_at: Timestamp) -> Done {
    let result = client.recharge(&order).await;
    let entry = journaled(client, order.reference()).await;
    let report = Report::of_order(&(&order).into(), &result, entry.as_ref());
    let settled_before = entry.is_some_and(|entry| is_settled(&entry, &order, begun_at));
    Done {
        order,
        report,
        settled_before,
    }
}

/// Whether this order had ended before this run began, so that nothing was sent for it. Read once it is told, and not before as well: each row
/// waits for what is read of it.
fn is_settled(entry: &Entry, order: &RechargeOrder, begun_at: Timestamp) -> bool {
    let intent = &entry.intent;
    let same = *intent.target == *order.msisdn().to_string()
        && (intent.product, intent.amount) == (order.product().get(), order.amount().decimal());
    same && entry
        .end
        .as_ref()
        .is_some_and(|end| end.ending != Ending::NotSent && end.at < begun_at)
}

impl Progress {
    fn take_in(&mut self, done: &Done, printer: &mut Printer) {
        self.tally.add(done.report.outcome);
        self.settled_before += usize::from(done.settled_before);
        if let Err(error) = printer.report(&done.report) {
            // Nobody would learn what becomes of more rows; those in work are finished and journaled.
            self.interrupted.get_or_insert_with(|| unwritable(&error));
        }
    }

    fn tell(&self, args: &BulkArgs, printer: &Printer) {
        if let Some(why) = &self.interrupted {
            printer.note(&format!(
                "recharge: {why}; run the same file again for the rest"
            ));
        }
        printer.note(&format!(
            "{}: {} rows: {}",
            args.file.display(),
            self.tally.total() + self.bad_rows,
            self.summary()
        ));
        if self.settled_before > 0 {
            printer.note(&format!(
                "{} of them were settled already by an earlier run and were not sold again; to sell the same list again, rename the \
                 file or give references",
                self.settled_before
            ));
        }
    }

    fn summary(&self) -> String {
        let bad = if self.bad_rows > 0 {
            format!("; {} bad rows", self.bad_rows)
        } else {
            String::new()
        };
        format!("{}{bad}", self.tally)
    }

    fn exit(&self) -> Exit {
        let bad = if self.bad_rows > 0 {
            Exit::Usage
        } else {
            Exit::Success
        };
        let interrupted = if self.interrupted.is_some() {
            Exit::Other
        } else {
            Exit::Success
        };
        self.tally.exit().and(bad).and(interrupted)
    }
}

fn unwritable(error: &io::Error) -> String {
    format!("the output cannot be written: {error}")
}
