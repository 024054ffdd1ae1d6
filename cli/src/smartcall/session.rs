//! A client for one command: made after everything that was given has been checked, and closed whatever came of it.

use std::path::PathBuf;

use recharge::journal::Sqlite;
use recharge::smartcall::Client;
use recharge::{Error, Msisdn, Outcome};

use super::journaled;
use crate::args::SmartcallArgs;
use crate::client;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::receipt;
use crate::report::{Ordered, Report};

/// What clients are made of.
pub(crate) struct Session {
    pub(super) args: SmartcallArgs,
    pub(super) journal: Option<PathBuf>,
}

impl Session {
    /// The account that pays.
    pub(super) fn account(&self) -> Result<Msisdn, Failure> {
        client::payer(&self.args)
    }

    /// Works with a client that only reads, without a journal.
    pub(super) async fn reading(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        with(
            client::reading(&self.args, client::policy(&self.args))?,
            work,
        )
        .await
    }

    /// Works with a client that only reads, also in the journal, which must be there.
    pub(super) async fn reading_with_the_journal(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let path = client::journal_path(self.journal.clone())?;
        if !path.is_file() {
            let problem = "there is no such journal";
            return Err(Failure::other(format!("{}: {problem}", path.display())));
        }
        let journal = Sqlite::open_read_only(path)?;
        with(client::looking(&self.args, journal)?, work).await
    }

    /// Works with a client that only reads, and looks into the journal if there is one that can be read.
    pub(super) async fn reading_beside_the_journal(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let path = client::journal_path(self.journal.clone()).ok();
        match path.and_then(|path| Sqlite::open_read_only(path).ok()) {
            Some(journal) => with(client::looking(&self.args, journal)?, work).await,
            None => self.reading(work).await,
        }
    }

    /// Works with a client that sells, with its journal.
    pub(super) async fn selling(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        with(client::selling(&self.args, self.journal.clone())?, work).await
    }
}

/// Works with a client, and gives its tokens back whatever came of it.
pub(super) async fn with(
    client: Client,
    work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let done = work(&client).await;
    client::close(&client).await;
    done
}

/// How a sale is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// What became of it.
    Outcome,
    /// That, and what the customer is given.
    Receipt,
}

/// Sells: says the reference, then sends, then tells what came of it.
pub(super) async fn sell(
    client: &Client,
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
    let entry = journaled(client, &order.reference).await;
    let report = Report::of_order(&order, &result, entry.as_ref());
    match (told, &result) {
        (Told::Receipt, Ok(Outcome::Vended(sale))) => {
            let balance = sale.balance.map(|balance| balance.to_string());
            receipt::purchase(&report, balance, &sale.receipt, printer)?;
        }
        (Told::Receipt, _) => {
            receipt::purchase(&report, None, &recharge::Receipt::default(), printer)?;
        }
        (Told::Outcome, _) => printer.report(&report)?,
    }
    Ok(report.outcome.exit())
}
