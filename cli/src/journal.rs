//! `recharge journal`: looks, and changes nothing.

use std::path::PathBuf;

use recharge::journal::{Journal, Sqlite, Which};

use crate::args::{JournalArgs, JournalCommand};
use crate::client::journal_path;
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
    let journal = Sqlite::open_read_only(path)?;
    match args.command {
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
