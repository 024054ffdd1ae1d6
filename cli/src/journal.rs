//! `recharge journal`: looks, and changes nothing but what a person decides.

use std::path::{Path, PathBuf};

use recharge::journal::{Decision, Entry, Journal, Service, Sqlite, Which};

use crate::args::{DecideArgs, JournalArgs, JournalCommand};
use crate::client::{self, journal_path};
use crate::confirm::confirm;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::report::Report;

/// How many rows are held at once.
const PAGE: usize = 500;

pub(crate) async fn run(
    args: JournalArgs,
    journal: Option<PathBuf>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let path = journal_path(journal)?;
    if !path.is_file() {
        return Err(Failure::other(format!(
            "{}: there is no such journal",
            path.display()
        )));
    }
    let journal = Sqlite::open_read_only(&path)?;
    match args.command {
        JournalCommand::Decide(args) => decide(journal, &path, args, printer).await,
        JournalCommand::List { open } => {
            list(
                &journal,
                if open { Which::Open } else { Which::All },
                printer,
            )
            .await
        }
    }
}

async fn list(journal: &dyn Journal, which: Which, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut after = None;
    loop {
        let page = journal.list(which, after, PAGE).await?;
        for entry in &page {
            printer.report(&Report::of_entry(entry))?;
        }
        match page.last() {
            Some(last) => after = Some(last.intent.key()),
            None => return Ok(Exit::Success),
        }
    }
}

/// Ends the open row of a reference.
async fn decide(
    journal: Sqlite,
    path: &Path,
    args: DecideArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let entry = open_row(&journal, &args).await?;
    // Only one may write to a journal.
    drop(journal);
    let reference = &args.reference;
    let (decision, what) = if args.sold {
        let provider_reference = args.provider_reference.map(|known| known.to_string());
        (Decision::Sold { provider_reference }, "as sold")
    } else {
        (
            Decision::NotSold,
            "as not sold: if it did happen, or still does, whoever sells it again sells it twice",
        )
    };
    confirm(&format!("This ends {reference} {what}."), args.yes)?;
    let read = match entry.intent.service {
        Service::Smartcall => {
            let client = client::deciding(entry.intent.account.parse()?, path)?;
            client.decide(reference, decision).await?;
            client.journaled(reference).await?
        }
        Service::Hot => {
            let client = crate::hot::deciding(&entry.intent.account, path)?;
            client.decide(reference, decision).await?;
            client.journaled(reference).await?
        }
        service => {
            return Err(Failure::other(format!(
                "a sale of {} cannot be decided here",
                service.name()
            )));
        }
    };
    if let Some(entry) = read {
        printer.report(&Report::of_entry(&entry))?;
    }
    Ok(Exit::Success)
}

/// The one open row that is meant.
async fn open_row(journal: &dyn Journal, args: &DecideArgs) -> Result<Entry, Failure> {
    let meant = |entry: &Entry| {
        let account = args.account.as_ref();
        entry.intent.reference == args.reference
            && account.is_none_or(|account| **account == *entry.intent.account)
    };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = journal.list(Which::Open, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.intent.key());
        found.extend(page.into_iter().filter(meant));
    }
    match (found.pop(), found.is_empty()) {
        (Some(entry), true) => Ok(entry),
        (Some(_), false) => Err(Failure::usage(
            "--account must be given: the journal has this reference of several accounts",
        )),
        (None, _) => Err(Failure::usage(format!(
            "REF must be that of an open sale: the journal has none of {}",
            args.reference
        ))),
    }
}
