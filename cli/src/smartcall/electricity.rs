//! Electricity: sold to a meter, waited for, and its PINs in the order of entry.

use clap::{Args, Subcommand, ValueEnum};
use recharge::smartcall::{Client, ElectricityOrder, ElectricityTransaction, TransactionStatus};
use recharge::{Meter, Msisdn, Rand, Reference};
use serde::Serialize;
use serde_json::json;

use super::read_failed;
use super::session::Session;
use super::submissions::told_prevend;
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};
use crate::receipt::{self, ReceiptReport};
use crate::report::{self, Ordered};
use crate::seller::{Told, sell};

/// Sells electricity, and prints its PINs
#[derive(Debug, Args)]
pub(crate) struct ElectricityArgs {
    #[command(subcommand)]
    command: ElectricityCommand,
}

#[derive(Debug, Subcommand)]
enum ElectricityCommand {
    Buy(BuyArgs),
    /// Asks whether electricity could be sold to a meter; sells nothing
    ///
    /// Keys: reference (of the sale that would be), answer (yes, no, unknown), code, message.
    Prevend(BuyArgs),
    Tokens(TokensArgs),
    /// Prints which municipalities sell more than R1000 at a time, with the ids for --meter NUMBER,ID
    Limits,
}

/// Sells electricity to a meter, waits until it is final, and prints the PINs in the order of entry
///
/// They are printed for the customer, on standard output, and kept nowhere: `recharge smartcall electricity tokens REF` prints them again.
#[derive(Debug, Args)]
struct BuyArgs {
    /// Who supplies the meter
    #[arg(long, value_enum)]
    supplier: Supplier,

    /// The meter; municipal ones may have the id of an extended limit behind a comma, such as 123456789,7
    #[arg(long, value_name = "NUMBER[,LIMIT]")]
    meter: Meter,

    /// How much, in rand; not for free-basic. Eskom takes whole rand
    #[arg(long, value_name = "RAND")]
    amount: Option<Rand>,

    /// Sends the PINs to this number too
    #[arg(long, value_name = "MSISDN")]
    sms: Option<Msisdn>,

    /// Your name for this sale, never to be used for another; without it a random one is made
    #[arg(long)]
    reference: Option<Reference>,
}

/// Who supplies a meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Supplier {
    Municipal,
    Eskom,
    /// A household's free units, for which nothing is paid
    FreeBasic,
}

/// Prints the PINs of a sale again, in the order of entry, with what the service says for the receipt
#[derive(Debug, Args)]
struct TokensArgs {
    /// The reference that the sale was made with
    #[arg(value_name = "REF")]
    reference: Reference,

    /// REF is the Smartload reference instead, the service's own
    #[arg(long)]
    smartload: bool,
}

pub(super) async fn run(
    session: &Session,
    args: ElectricityArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    match args.command {
        ElectricityCommand::Buy(args) => {
            let order = args.order()?;
            let ordered = Ordered {
                reference: order.reference().clone(),
                target: Some(order.meter().to_string()),
                product: Some(order.product()),
                amount: Some(order.amount().to_string()),
            };
            let work = async |client: &Client| {
                let selling = client.sell_electricity(&order);
                sell(client, ordered, selling, Told::Receipt, printer).await
            };
            session.selling(work).await
        }
        ElectricityCommand::Prevend(args) => {
            let order = args.order()?;
            let work = async |client: &Client| {
                let answer = client.prevend_electricity(&order).await;
                told_prevend(order.reference(), answer, printer)
            };
            session.reading(work).await
        }
        ElectricityCommand::Tokens(args) => {
            let work = async |client: &Client| tokens(client, args, printer).await;
            session.reading_beside_the_journal(work).await
        }
        ElectricityCommand::Limits => {
            let work = async |client: &Client| limits(client, printer).await;
            session.reading(work).await
        }
    }
}

impl BuyArgs {
    fn order(&self) -> Result<ElectricityOrder, Failure> {
        let meter = self.meter.clone();
        let order = match (self.supplier, self.amount) {
            (Supplier::Municipal, Some(amount)) => ElectricityOrder::municipal(meter, amount)?,
            (Supplier::Eskom, Some(amount)) => ElectricityOrder::eskom(meter, amount)?,
            (Supplier::FreeBasic, None) => ElectricityOrder::free_basic(meter)?,
            (Supplier::FreeBasic, Some(_)) => {
                return Err(Failure::usage(
                    "--amount must be left out for free basic electricity: nothing is paid for it",
                ));
            }
            (_, None) => return Err(Failure::usage("--amount must be given")),
        };
        let order = match self.sms {
            Some(recipient) => order.with_sms(recipient),
            None => order,
        };
        Ok(match &self.reference {
            Some(reference) => order.with_reference(reference.clone()),
            None => order,
        })
    }
}

/// One sale with its PINs: one object, with every key.
#[derive(Serialize)]
struct Tokens<'a> {
    reference: &'a str,
    outcome: report::Told,
    provider_reference: Option<&'a str>,
    meter: Option<&'a str>,
    units: Option<&'a str>,
    amount: Option<String>,
    #[serde(flatten)]
    receipt: ReceiptReport<'a>,
}

async fn tokens(client: &Client, args: TokensArgs, printer: &Printer) -> Result<Exit, Failure> {
    let reference = &args.reference;
    let found = if args.smartload {
        client.electricity_transaction(reference.as_str()).await
    } else {
        client.electricity_tokens(reference).await
    }
    .map_err(read_failed)?;
    let Some(found) = found else {
        printer.note(&format!(
            "recharge: {reference} is not known to the service, which is no proof that it was not sold: `recharge smartcall recover` finds out"
        ));
        return Ok(Exit::Open);
    };
    tell(reference, &found, printer)
}

fn tell(
    reference: &Reference,
    found: &ElectricityTransaction,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let transaction = &found.transaction;
    let outcome = report::Told::of_status(&transaction.status);
    let exit = outcome.exit();
    let tokens = Tokens {
        reference: reference.as_str(),
        outcome,
        provider_reference: transaction.smartload_reference.as_deref(),
        meter: found.meter.as_deref(),
        units: found.units.as_deref(),
        amount: transaction.amount.map(|amount| amount.to_string()),
        receipt: (&transaction.receipt).into(),
    };
    if !printer.is_table() {
        receipt::object(&tokens, printer)?;
        return Ok(exit);
    }
    let dash = |text: Option<&str>| on_one_line(text.unwrap_or("-"));
    printer.line(&format!(
        "{reference}  {}  meter {}  R{}  {} kWh",
        outcome.word(),
        dash(tokens.meter),
        dash(tokens.amount.as_deref()),
        dash(tokens.units)
    ))?;
    receipt::print(&transaction.receipt, printer)?;
    if transaction.status != TransactionStatus::Successful {
        printer.note(&format!(
            "recharge: it is {}: PINs, if there are any, are not to be handed out",
            outcome.word()
        ));
    }
    Ok(exit)
}

async fn limits(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let told = client.electricity_limits().await.map_err(read_failed)?;
    for limit in &told.limits {
        let most = limit.max_amount.map(|amount| amount.to_string());
        printer.value(
            &json!({ "id": limit.id, "municipality": limit.municipality, "max_amount": most }),
            &format!(
                "{:>4}  {:<40}  {}",
                limit.id,
                on_one_line(&limit.municipality),
                most.as_deref().unwrap_or("-")
            ),
        )?;
    }
    if told.unreadable > 0 {
        printer.note(&format!(
            "recharge: {} rows of the answer cannot be read",
            told.unreadable
        ));
        return Ok(Exit::Warned);
    }
    Ok(Exit::Success)
}
