//! MoNice: bundles that Telkom offers one subscriber for four hours. **Amounts are cents here, and nowhere else.**

use clap::{Args, Subcommand, value_parser};
use recharge::smartcall::{Client, MoniceOffers};
use recharge::{Msisdn, Reference};
use serde_json::json;

use super::session::Session;
use super::{journaled, read_failed};
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};
use crate::report::{Ordered, Report};
use crate::seller::{Told, sell};

/// Asks for and sells the bundles that Telkom offers a subscriber; amounts in cents
#[derive(Debug, Args)]
pub(crate) struct MoniceArgs {
    #[command(subcommand)]
    command: MoniceCommand,
}

#[derive(Debug, Subcommand)]
enum MoniceCommand {
    /// Prints what is offered to a subscriber; another query may void an earlier one
    Query {
        /// The subscriber
        msisdn: Msisdn,
    },
    Recharge(MoniceRechargeArgs),
}

/// Asks again what is offered, and recharges with one of the bundles if it still costs the same
#[derive(Debug, Args)]
struct MoniceRechargeArgs {
    /// The subscriber
    #[arg(long)]
    msisdn: Msisdn,

    /// The id of the bundle
    #[arg(long, value_name = "ID")]
    bundle: String,

    /// What it must cost, in cents; it is not sold for another price
    #[arg(long, value_name = "CENTS", value_parser = value_parser!(u32).range(1..))]
    cents: u32,

    /// Lets the service send the subscriber an SMS
    #[arg(long)]
    sms: bool,

    /// Your name for this sale, never to be used for another; without it a random one is made
    #[arg(long)]
    reference: Option<Reference>,
}

pub(super) async fn run(
    session: &Session,
    args: MoniceArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    match args.command {
        MoniceCommand::Query { msisdn } => {
            let work = async |client: &Client| {
                let offers = client.monice_offers(msisdn).await.map_err(read_failed)?;
                told(&offers, printer)
            };
            session.reading(work).await
        }
        MoniceCommand::Recharge(args) => {
            let work = async |client: &Client| recharge(client, args, printer).await;
            session.selling(work).await
        }
    }
}

fn told(offers: &MoniceOffers, printer: &Printer) -> Result<Exit, Failure> {
    for bundle in offers.bundles() {
        let what = bundle.description.as_deref().unwrap_or("-");
        printer.value(
            &json!({ "bundle": bundle.id, "cents": bundle.amount.get(), "description": bundle.description }),
            &format!(
                "{:<12}  {:>8} cents  {}",
                on_one_line(&bundle.id),
                bundle.amount.get(),
                on_one_line(what)
            ),
        )?;
    }
    if offers.unreadable() > 0 {
        printer.note(&format!(
            "recharge: {} bundles cannot be read",
            offers.unreadable()
        ));
        return Ok(Exit::Warned);
    }
    if printer.is_table() && offers.bundles().is_empty() {
        printer.line("nothing is offered")?;
    }
    Ok(Exit::Success)
}

async fn recharge(
    client: &Client,
    args: MoniceRechargeArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let reference = args.reference.unwrap_or_else(Reference::random);
    // A sale that was begun is carried on as it was ordered; asking again would only void what was offered.
    if let Some(entry) = journaled(client, &reference).await {
        let report = Report::of_entry(&entry);
        printer.report(&report)?;
        return Ok(report.outcome.exit());
    }
    let offers = client
        .monice_offers(args.msisdn)
        .await
        .map_err(read_failed)?;
    let mut order = offers.choose_with_reference(&args.bundle, reference)?;
    if order.amount().get() != args.cents {
        return Err(Failure::usage(format!(
            "--cents must be what the bundle costs: {}; nothing was sold",
            order.amount().get()
        )));
    }
    if args.sms {
        order = order.with_sms();
    }
    let ordered = Ordered {
        reference: order.reference().clone(),
        target: Some(order.msisdn().to_string()),
        product: None,
        amount: Some(order.amount().rand().to_string()),
    };
    let selling = client.recharge_monice(&order);
    sell(client, ordered, selling, Told::Outcome, printer).await
}
