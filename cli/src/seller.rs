//! What both services' clients have in common, as far as commands need it: a sale that says its reference before it is sent, and a recovery.

use std::future::Future;
use std::pin::pin;

use futures::{StreamExt, stream};
use recharge::journal::{Entry, JournalError};
use recharge::{Error, Outcome, Receipt, Reference};
use recharge::{hot, smartcall};
use tokio::sync::mpsc;

use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::receipt;
use crate::report::{Ordered, Report, Tally};

/// A client that sells.
pub(crate) trait Seller {
    /// The journal's row; an outcome is told with or without it.
    fn entry(&self, reference: &Reference) -> impl Future<Output = Option<Entry>>;

    /// Settles what is open, and counts what belongs to others.
    fn settle(
        &self,
        each: impl FnMut(&Entry, Result<Outcome, Error>),
    ) -> impl Future<Output = Result<usize, JournalError>>;
}

impl Seller for smartcall::Client {
    async fn entry(&self, reference: &Reference) -> Option<Entry> {
        self.journaled(reference).await.ok().flatten()
    }

    fn settle(
        &self,
        each: impl FnMut(&Entry, Result<Outcome, Error>),
    ) -> impl Future<Output = Result<usize, JournalError>> {
        self.recover(each)
    }
}

impl Seller for hot::Client {
    async fn entry(&self, reference: &Reference) -> Option<Entry> {
        self.journaled(reference).await.ok().flatten()
    }

    fn settle(
        &self,
        each: impl FnMut(&Entry, Result<Outcome, Error>),
    ) -> impl Future<Output = Result<usize, JournalError>> {
        self.recover(each)
    }
}

/// How a sale is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// What became of it.
    Outcome,
    /// That, and what the customer is given.
    Receipt,
}

/// Sells: says the reference, then sends, then tells what came of it.
pub(crate) async fn sell(
    seller: &impl Seller,
    order: Ordered,
    selling: impl Future<Output = Result<Outcome, Error>>,
    told: Told,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    // Before anything is sent: whoever loses this process can still ask for it.
    printer.note(&format!("recharge: the reference is {}", order.reference));
    let result = match selling.await {
        Err(Error::Invalid(invalid)) => return Err(invalid.into()),
        result => result,
    };
    let entry = seller.entry(&order.reference).await;
    let report = Report::of_order(&order, &result, entry.as_ref());
    match (told, &result) {
        (Told::Receipt, Ok(Outcome::Vended(sale) | Outcome::Done(sale))) => {
            let balance = sale.balance.map(|balance| balance.to_string());
            receipt::purchase(&report, balance, &sale.receipt, printer)?;
        }
        (Told::Receipt, _) => receipt::purchase(&report, None, &Receipt::default(), printer)?,
        (Told::Outcome, _) => printer.report(&report)?,
    }
    Ok(report.outcome.exit())
}

/// How many ends are looked up at once. To settle a sale takes longer than that, so those that wait to be told never become many.
const TOLD_AT_ONCE: usize = 256;

/// Settles every open sale of the account, and tells each as it ends.
pub(crate) async fn recover(seller: &impl Seller, printer: &mut Printer) -> Result<Exit, Failure> {
    let (ended, mut ends) = mpsc::unbounded_channel::<(Entry, Result<Outcome, Error>)>();
    let work = async move {
        // The receiver outlives the work, unless the output is gone; the work goes on all the same.
        seller
            .settle(|entry, result| drop(ended.send((entry.clone(), result))))
            .await
    };
    let told = stream::poll_fn(|context| ends.poll_recv(context)).map(async |(listed, result)| {
        let entry = seller.entry(&listed.intent.reference).await;
        Report::of_recovery(&entry.unwrap_or(listed), &result)
    });
    let print = async {
        let mut tally = Tally::default();
        let mut broken = None;
        let mut told = pin!(told.buffered(TOLD_AT_ONCE));
        while let Some(report) = told.next().await {
            tally.add(report.outcome);
            broken = printer.report(&report).err().or(broken);
        }
        broken.map_or(Ok(tally), Err)
    };
    let (worked, printed) = tokio::join!(work, print);
    let tally = printed?;
    let others = worked?;
    if others > 0 {
        printer.note(&format!(
            "{others} open rows of the journal belong to other accounts: recover them with their credentials, or with --account"
        ));
        return Ok(tally.exit().and(Exit::Open));
    }
    if printer.is_table() && tally.total() == 0 {
        printer.line("nothing is open")?;
    }
    Ok(tally.exit())
}
