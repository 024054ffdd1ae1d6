//! What helps a person to decide a sale that no enquiry can find.

use clap::Args;
use recharge::ambient::{Ambient, System};
use recharge::journal::Entry;
use recharge::smartcall::{Client, ReconcileError};
use recharge::{Handle, Reference};
use serde_json::json;

use super::session::Session;
use super::{journaled, read_failed};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

/// Prints what helps to decide an open transfer or payment: the balance before and now, and what was sold since; amounts in rand
///
/// Reads only. Compare with `recharge smartcall cashup`, ask the service's people, then `recharge journal decide`. Keys: reference, amount,
/// since_ms (milliseconds since 1970), balance_before, balance_now, sold_count, sold_amount (what the journal sold since), open_count,
/// open_amount (what else is open).
#[derive(Debug, Args)]
pub(crate) struct HintArgs {
    /// The reference of the open sale
    #[arg(value_name = "REF")]
    reference: Reference,
}

pub(super) async fn run(
    session: &Session,
    args: HintArgs,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let work = async |client: &Client| hint(client, &args.reference, printer).await;
    session.reading_with_the_journal(work).await
}

async fn hint(client: &Client, reference: &Reference, printer: &Printer) -> Result<Exit, Failure> {
    let open = journaled(client, reference)
        .await
        .filter(|entry| entry.end.is_none());
    let Some(entry) = open else {
        return Err(Failure::usage(format!(
            "REF must be that of an open sale: the journal has none of {reference}"
        )));
    };
    let clues = client.clues(&handle(entry)).await;
    let clues = clues.map_err(|error| match error {
        ReconcileError::Read(error) => read_failed(error),
        error => Failure::other(error),
    })?;
    let before = clues.balance_before.map(|balance| balance.to_string());
    let (sold, open) = (clues.sold, clues.open);
    printer.value(
        &json!({
            "reference": reference.as_str(), "amount": clues.amount.to_string(), "since_ms": clues.since.0,
            "balance_before": before, "balance_now": clues.balance_now.to_string(),
            "sold_count": sold.count, "sold_amount": sold.amount.to_string(),
            "open_count": open.count, "open_amount": open.amount.to_string(),
        }),
        &format!(
            "{reference}  R{} in doubt\n  balance before: {}, now: R{}\n  sold since, by the journal: {} for R{}; also open: {} for R{}",
            clues.amount,
            before.as_deref().map_or("not known".to_owned(), |before| format!("R{before}")),
            clues.balance_now,
            sold.count,
            sold.amount,
            open.count,
            open.amount
        ),
    )?;
    Ok(Exit::Success)
}

fn handle(entry: Entry) -> Handle {
    let attempt = entry.in_doubt();
    Handle {
        host: attempt.map(|attempt| attempt.host.clone()),
        balance_before: attempt.and_then(|attempt| attempt.balance_before),
        provider_reference: entry.provider_reference,
        pending: entry.pending,
        refusal: entry.refusal,
        at: System::new().wall(),
        intent: entry.intent,
    }
}
