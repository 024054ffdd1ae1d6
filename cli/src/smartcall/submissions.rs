//! What is submitted and not done at once: asynchronous recharges, batches, cancellations, prevends.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use recharge::smartcall::{Cancellation, Client, PrevendError, Prevended, RechargeOrder};
use recharge::{Error, Msisdn, ProductId, Rand, Reference};
use serde_json::json;

use super::recharges::RechargeArgs;
use super::session::Session;
use super::{journaled, read_failed};
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};
use crate::report::{Report, Tally};
use crate::rows::{BadRow, Rows};
use crate::seller::{Told, sell};

/// The most orders of one file: all of them are held. A longer list is for `bulk`.
const ORDERS_MAX: usize = 10_000;

/// Sales in two steps.
#[derive(Debug, Subcommand)]
pub(crate) enum SubmissionCommand {
    Submit(SubmitArgs),
    Batch(BatchArgs),
    Cancel(CancelArgs),
    Prevend(PrevendArgs),
}

/// Recharges one subscriber by the asynchronous operation, and waits for its end by enquiry
///
/// For networks and products that the synchronous recharge does not serve, and for what may be cancelled while it waits for the network.
#[derive(Debug, Args)]
pub(crate) struct SubmitArgs {
    #[command(flatten)]
    recharge: RechargeArgs,

    /// Asks for a voucher's PIN instead of a recharge, where the product is one
    #[arg(long)]
    voucher: bool,
}

/// Recharges the rows of a file, up to 100 in each request; each is settled by itself
///
/// The file and its references are as for bulk, so that running it again sells nothing twice; no more than 10000 rows. A bad row is named,
/// and then nothing at all is sent. If the answer to a request is lost, each of its rows is enquired about; none is sent again.
#[derive(Debug, Args)]
pub(crate) struct BatchArgs {
    /// The file
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,
}

/// Cancels a recharge that waits at the service. Accepted is not cancelled: exit code 0 only when it is seen to be
///
/// Keys: reference, cancellation (cancelled, requested, refused, unclear), code, message. The sale stays open in the journal until `recharge
/// smartcall recover` settles it.
#[derive(Debug, Args)]
pub(crate) struct CancelArgs {
    /// The reference that the sale was made with
    #[arg(value_name = "REF")]
    reference: Reference,
}

/// Asks a network whether a recharge would go through; sells nothing
///
/// Keys: reference, answer (yes, no, unknown), code, message. The recharge that follows must have the same reference: --reference; after no or
/// unknown it needs a new one.
#[derive(Debug, Args)]
pub(crate) struct PrevendArgs {
    /// The product's id, such as 62 for Vodacom airtime
    #[arg(long, value_name = "ID")]
    product: ProductId,

    /// Who would be recharged
    #[arg(long)]
    msisdn: Msisdn,

    /// How much, in rand
    #[arg(long, value_name = "RAND")]
    amount: Rand,

    /// The reference of the recharge that is to follow; without it a random one is made, and printed
    #[arg(long)]
    reference: Option<Reference>,

    /// Recharges at once if it would go through
    #[arg(long)]
    sell: bool,
}

pub(super) async fn run(
    session: &Session,
    command: SubmissionCommand,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    match command {
        SubmissionCommand::Submit(args) => {
            let (order, told) = args.order();
            let work = async |client: &Client| {
                sell(
                    client,
                    (&order).into(),
                    client.submit(&order),
                    told,
                    printer,
                )
                .await
            };
            session.selling(work).await
        }
        SubmissionCommand::Batch(args) => {
            let orders = read(session, &args)?;
            let work = async |client: &Client| batch(client, &orders, printer).await;
            session.selling(work).await
        }
        SubmissionCommand::Cancel(args) => {
            let work = async |client: &Client| cancel(client, &args.reference, printer).await;
            session.reading_beside_the_journal(work).await
        }
        SubmissionCommand::Prevend(args) => {
            let sell_too = args.sell;
            let order = args.order();
            let work = async |client: &Client| prevend(client, &order, sell_too, printer).await;
            if sell_too {
                session.selling(work).await
            } else {
                session.reading_beside_the_journal(work).await
            }
        }
    }
}

impl SubmitArgs {
    fn order(self) -> (RechargeOrder, Told) {
        let order = self.recharge.order();
        if self.voucher {
            (order.with_voucher(), Told::Receipt)
        } else {
            (order, Told::Outcome)
        }
    }
}

impl PrevendArgs {
    fn order(self) -> RechargeOrder {
        let order = RechargeOrder::new(self.msisdn, self.product, self.amount);
        match self.reference {
            Some(reference) => order.with_reference(reference),
            None => order,
        }
    }
}

/// All orders of a file; none if one of its rows is bad.
fn read(session: &Session, args: &BatchArgs) -> Result<Vec<RechargeOrder>, Failure> {
    let mut rows = Rows::open(&args.file, session.account()?, None)?;
    let (mut orders, mut bad) = (Vec::new(), Vec::new());
    let problem = |problem: &dyn std::fmt::Display| {
        Failure::usage(format!("{}: {problem}", args.file.display()))
    };
    while let Some(row) = rows.next().map_err(|error| problem(&error))? {
        match row {
            Ok(order) => orders.push(order),
            Err(BadRow { line, problem }) => bad.push(format!("line {line}: {problem}")),
        }
        if orders.len() > ORDERS_MAX {
            return Err(problem(&"must have at most 10000 rows; bulk takes more"));
        }
    }
    if bad.is_empty() {
        Ok(orders)
    } else {
        Err(problem(&format!("{}; nothing was sent", bad.join("; "))))
    }
}

async fn batch(
    client: &Client,
    orders: &[RechargeOrder],
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    printer.note(&format!(
        "recharge: {} sales, each under the reference of its row: running the file again carries on",
        orders.len()
    ));
    let told = client.recharge_batch(orders).await;
    if let Some(Err(Error::Invalid(invalid))) = told.first() {
        // One order that cannot be sent refuses them all.
        return Err(invalid.clone().into());
    }
    let mut tally = Tally::default();
    for (order, result) in orders.iter().zip(&told) {
        let entry = journaled(client, order.reference()).await;
        let report = Report::of_order(&order.into(), result, entry.as_ref());
        tally.add(report.outcome);
        printer.report(&report)?;
    }
    printer.note(&format!("{} rows: {tally}", tally.total()));
    Ok(tally.exit())
}

async fn cancel(
    client: &Client,
    reference: &Reference,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let (word, code, message, exit) = match client.cancel(reference).await.map_err(read_failed)? {
        Cancellation::Cancelled => ("cancelled", None, None, Exit::Success),
        Cancellation::Requested => {
            let message =
                "accepted, and not yet seen to be done: enquire later; it may still be sold";
            ("requested", None, Some(message.to_owned()), Exit::Open)
        }
        Cancellation::Refused(refusal) => {
            let code = refusal.code();
            (
                "refused",
                Some(code.as_str().to_owned()),
                code.explanation().map(str::to_owned),
                Exit::Refused,
            )
        }
        Cancellation::Unclear(doubt) => ("unclear", None, Some(doubt.to_string()), Exit::Open),
        _ => ("unclear", None, None, Exit::Open),
    };
    let plain = format!(
        "{reference}  {word}  {}",
        message.as_deref().unwrap_or_default()
    );
    printer.value(
        &json!({ "reference": reference.as_str(), "cancellation": word, "code": code, "message": message }),
        on_one_line(&plain).trim_end(),
    )?;
    Ok(exit)
}

async fn prevend(
    client: &Client,
    order: &RechargeOrder,
    sell_too: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let answer = client.prevend(order).await;
    let order = match answer {
        Ok(prevended) if sell_too => Prevended::order(&prevended).clone(),
        answer => return told_prevend(order.reference(), answer.map(drop), printer),
    };
    let selling = client.recharge(&order);
    sell(client, (&order).into(), selling, Told::Outcome, printer).await
}

/// Tells what a network said of a sale that would be.
pub(super) fn told_prevend(
    reference: &Reference,
    answer: Result<(), PrevendError>,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let (word, code, message, exit) = match answer {
        Ok(()) => ("yes", None, None, Exit::Success),
        Err(PrevendError::Invalid(invalid)) => return Err(invalid.into()),
        Err(PrevendError::Refused { code, message, .. }) => (
            "no",
            Some(code.as_str().to_owned()),
            Some(message),
            Exit::Refused,
        ),
        Err(PrevendError::Lost { doubt, .. }) => (
            "unknown",
            None,
            Some(format!(
                "{doubt}; nothing was sold; ask again with a new reference"
            )),
            Exit::Other,
        ),
        Err(error) => return Err(Failure::other(error)),
    };
    let plain = format!(
        "{reference}  {word}  {}",
        message.as_deref().unwrap_or_default()
    );
    printer.value(
        &json!({ "reference": reference.as_str(), "answer": word, "code": code, "message": message }),
        on_one_line(&plain).trim_end(),
    )?;
    Ok(exit)
}
