//! A cashup held against the journal.

use clap::Args;
use recharge::ambient::{Ambient, System};
use recharge::smartcall::{
    Agreement, Client, Period, ReconcileError, ReconciledLine, Suspects, Total,
};
use recharge::{Date, Reference};
use serde_json::{Value, json};

use super::session::Session;
use super::{read_failed, unread_rows};
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};

/// Holds the service's cashup of a period against the journal, line by line; amounts in rand
///
/// Reads only. The journal must reach back as far (400 days after the end of a sale), and be the only one that sells for the account. Exit
/// code 5 if the two sides differ, or a line could not be compared; `recharge smartcall recover` settles what is open.
///
/// Keys of a line: line, agreement (agrees, differs, only_in_cashup, only_in_journal, in_neither), cashup_count, cashup_amount, journal_count,
/// journal_amount, difference_count, difference_amount (what the cashup has more), could_be_explained, and three lists of references that
/// could explain a difference: open, edge_inside, edge_outside.
#[derive(Debug, Args)]
pub(crate) struct ReconcileArgs {
    /// The first day, such as 2026-11-01 (default: today)
    #[arg(long, value_name = "DATE", requires = "to")]
    from: Option<Date>,

    /// The last day
    #[arg(long, value_name = "DATE", requires = "from")]
    to: Option<Date>,
}

pub(super) async fn run(
    session: &Session,
    args: ReconcileArgs,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let period = match args.from.zip(args.to) {
        Some((from, to)) => Period::new(from, to)?,
        None => Period::day(Date::in_south_africa(System::new().wall())),
    };
    let work = async |client: &Client| reconcile(client, period, printer).await;
    session.reading_with_the_journal(work).await
}

async fn reconcile(client: &Client, period: Period, printer: &Printer) -> Result<Exit, Failure> {
    let told = client
        .reconcile(period)
        .await
        .map_err(|error| match error {
            ReconcileError::Read(error) => read_failed(error),
            error => Failure::other(error),
        })?;
    for line in &told.lines {
        printer.value(&object(line), &text(line))?;
    }
    for line in &told.incomplete {
        let group = super::accounts::group(&line.group);
        printer.note(&format!(
            "recharge: a line of {} lacks a name, a count or an amount, and was not compared",
            on_one_line(group)
        ));
    }
    let unread = unread_rows(&told.unread, printer);
    if told.is_clean() {
        printer.note(&format!(
            "{} to {}: the two sides agree",
            period.from(),
            period.to()
        ));
        return Ok(unread);
    }
    let differences = told.differences().count();
    printer.note(&format!(
        "{} to {}: {differences} lines differ. `recharge smartcall enquire` and `recharge smartcall recover` say more of a sale",
        period.from(),
        period.to()
    ));
    Ok(Exit::Warned)
}

fn agreement(line: &ReconciledLine) -> &'static str {
    match line.agreement() {
        Agreement::Agrees => "agrees",
        Agreement::OnlyInCashup => "only_in_cashup",
        Agreement::OnlyInJournal => "only_in_journal",
        Agreement::InNeither => "in_neither",
        _ => "differs",
    }
}

fn object(line: &ReconciledLine) -> Value {
    let count = |total: Option<Total>| total.map(|total| total.count);
    let amount = |total: Option<Total>| total.map(|total| total.amount.to_string());
    let difference = line.difference();
    json!({
        "line": line.name,
        "agreement": agreement(line),
        "cashup_count": count(line.cashup),
        "cashup_amount": amount(line.cashup),
        "journal_count": count(line.journal),
        "journal_amount": amount(line.journal),
        "difference_count": difference.count,
        "difference_amount": difference.amount.to_string(),
        "could_be_explained": line.could_be_explained(),
        "open": references(&line.open),
        "edge_inside": references(&line.edge_inside),
        "edge_outside": references(&line.edge_outside),
    })
}

fn references(suspects: &Suspects) -> Vec<&str> {
    suspects.references.iter().map(Reference::as_str).collect()
}

fn text(line: &ReconciledLine) -> String {
    let side = |total: Option<Total>| match total {
        Some(total) => format!("{} for R{}", total.count, total.amount),
        None => "-".to_owned(),
    };
    let mut text = format!(
        "{:<15}  {:<24}  cashup {}, journal {}",
        agreement(line),
        on_one_line(&line.name),
        side(line.cashup),
        side(line.journal)
    );
    for (what, suspects) in [
        ("open", &line.open),
        ("sold at the edge of the period", &line.edge_inside),
        ("sold just outside the period", &line.edge_outside),
    ] {
        if suspects.total.count > 0 {
            text.push_str(&format!(
                "\n                 {what}: {} for R{}: {}",
                suspects.total.count,
                suspects.total.amount,
                references(suspects).join(", ")
            ));
        }
    }
    text
}
