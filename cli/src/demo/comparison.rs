//! **The rule: what was told, what the journal holds and what the ledger shows must be one and the same.**

use std::sync::PoisonError;

use recharge::journal::Ending;
use recharge::smartcall::Client;
use recharge_sandbox::LedgerView;
use serde_json::json;

use super::{Enquiries, ROWS, Sold};
use crate::exit::{Exit, Failure, note};
use crate::printer::Printer;
use crate::report::Told;
use crate::smartcall::journaled;

pub(super) fn print(
    sold: &[Sold],
    ledger: &LedgerView,
    enquiries: &Enquiries,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let enquiries = enquiries.lock().unwrap_or_else(PoisonError::into_inner);
    if printer.is_table() {
        printer.line("REFERENCE  MSISDN          AMOUNT  SENT  ENQUIRIES  OUTCOME     WHAT HAPPENED TO THE REQUESTS")?;
    }
    for Sold { report, .. } in sold {
        if !printer.is_table() {
            printer.report(report)?;
            continue;
        }
        let (short, asked) = (
            report.reference.get(..8).unwrap_or_default(),
            enquiries.get(&report.reference).unwrap_or(&0),
        );
        let (msisdn, amount) = (
            report.msisdn.as_deref().unwrap_or_default(),
            report.amount.as_deref().unwrap_or_default(),
        );
        let (sent, outcome, faults) = (
            report.attempts,
            report.outcome.word(),
            faults(ledger, &report.reference),
        );
        let line = format!(
            "{short:<9}  {msisdn:<11}  {amount:>9}  {sent:>4}  {asked:>9}  {outcome:<10}  {faults}"
        );
        printer.line(line.trim_end())?;
    }
    Ok(())
}

/// What the sandbox did to the requests that reached it, in their order.
fn faults(ledger: &LedgerView, reference: &str) -> String {
    let attempts = ledger
        .attempts
        .iter()
        .filter(|attempt| attempt.reference == reference);
    let faults: Vec<&str> = attempts
        .map(|attempt| {
            attempt
                .fault
                .unwrap_or(if attempt.lags { "lag" } else { "ok" })
        })
        .collect();
    faults.join(", ")
}

/// Holds what was told, and the journal, against the ledger.
pub(super) async fn compare(
    client: &Client,
    sold: &[Sold],
    ledger: &LedgerView,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let (mut once, mut twice, mut lost) = (0, 0, 0);
    for Sold { order, report, .. } in sold {
        let entry = journaled(client, order.reference()).await;
        let journaled = entry
            .and_then(|entry| entry.end)
            .is_some_and(|end| end.ending == Ending::Vended);
        let told = report.outcome == Told::Succeeded;
        let sales = ledger.sales_of(order.reference().as_str());
        once += usize::from(sales == 1);
        twice += usize::from(sales > 1);
        lost += usize::from(told != (sales > 0) || journaled != told);
    }
    let promise_kept = (once, twice, lost, ledger.sales().count()) == (ROWS, 0, 0, ROWS);
    let requests = ledger.attempts.len();
    printer.value(
        &json!({ "sold_once": once, "sold_twice": twice, "lost": lost, "requests": requests }),
        &format!("\nsold once: {once}, sold twice: {twice}, lost: {lost}   ({requests} requests reached the service for {ROWS} sales)"),
    )?;
    if promise_kept {
        note(
            "\nEach recharge was journaled before it was sent and enquired about when its answer was lost. It was sent\n\
             again, under the same reference, only once that showed that it had not been sold.\n\
             Try another --seed, or --faults 0.9. To sell to a sandbox yourself: `recharge sandbox --faults 0.35` in one\n\
             terminal, and `recharge smartcall --help` in another.",
        );
        return Ok(Exit::Success);
    }
    Ok(Exit::Other)
}
