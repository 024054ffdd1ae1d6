//! Sales at once, and in two steps.

use clap::{Args, Subcommand};
use recharge::hot::{
    AgentReference, Amount, Client, MeterNumber, Msisdn, RechargeOrder, Reserved, SmsTemplate,
};
use recharge::{Error, Outcome, ProductId, Reference, Sale};

use super::session::Session;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::report::{Ordered, Report};
use crate::seller::{Seller, Told, sell};

/// What can be sold at once, or reserved.
#[derive(Debug, Subcommand)]
pub(crate) enum OrderCommand {
    /// Recharges a mobile number with airtime
    Recharge(AirtimeArgs),
    /// Recharges a mobile number with a data bundle
    Bundle(BundleArgs),
    /// Sells electricity (ZESA) to a meter, and prints its tokens
    Zesa(ZesaArgs),
    /// Sells a product of another kind
    Other(OtherArgs),
}

/// What every order has.
#[derive(Debug, Args)]
pub(crate) struct CommonArgs {
    /// The product's id, such as 100 for airtime in USD
    #[arg(long, value_name = "ID")]
    product: ProductId,

    /// A text for the customer instead of the service's own, with tags such as %AMOUNT%
    #[arg(long, value_name = "TEXT")]
    sms: Option<String>,

    /// Your name for this sale, never to be used for another; without it a random one is made
    #[arg(long)]
    reference: Option<AgentReference>,
}

#[derive(Debug, Args)]
pub(crate) struct AirtimeArgs {
    #[command(flatten)]
    common: CommonArgs,

    /// Who is recharged: 0772123456 or 263772123456
    #[arg(long)]
    msisdn: Msisdn,

    /// How much
    #[arg(long)]
    amount: Amount,
}

#[derive(Debug, Args)]
pub(crate) struct BundleArgs {
    #[command(flatten)]
    common: CommonArgs,

    /// Who is recharged
    #[arg(long)]
    msisdn: Msisdn,

    /// The bundle's code, as `recharge hot stock` prints it
    #[arg(long)]
    code: String,

    /// What the bundle costs; it must be the price in stock
    #[arg(long)]
    price: Amount,
}

#[derive(Debug, Args)]
pub(crate) struct ZesaArgs {
    #[command(flatten)]
    common: CommonArgs,

    /// The meter, 11 or 13 digits
    #[arg(long)]
    meter: MeterNumber,

    /// The mobile number that gets the tokens too
    #[arg(long, value_name = "MSISDN")]
    notify: Msisdn,

    /// How much
    #[arg(long)]
    amount: Amount,
}

#[derive(Debug, Args)]
pub(crate) struct OtherArgs {
    #[command(flatten)]
    common: CommonArgs,

    /// Who or what is recharged, as the product's metadata says
    #[arg(long)]
    target: String,

    /// How much
    #[arg(long)]
    amount: Amount,

    /// An option that the product needs; may be given several times
    #[arg(long = "option", value_name = "NAME=VALUE")]
    options: Vec<String>,
}

/// Reserves an order: nothing is sold until it is completed, and it lapses after about 30 minutes
#[derive(Debug, Args)]
pub(crate) struct ReserveArgs {
    /// Lets the service tell the customer of the reservation
    #[arg(long, global = true)]
    announce: bool,

    #[command(subcommand)]
    order: OrderCommand,
}

/// The second step of a reservation.
#[derive(Debug, Args)]
pub(crate) struct StepArgs {
    /// The reference of the reservation
    #[arg(value_name = "REF")]
    reference: AgentReference,
}

impl OrderCommand {
    /// The order, and what a report says of it.
    fn order(self) -> Result<(RechargeOrder, Ordered), Failure> {
        let (common, order, target) = match self {
            Self::Recharge(args) => {
                let order = RechargeOrder::airtime(args.common.product, args.msisdn, args.amount);
                (args.common, order, args.msisdn.to_string())
            }
            Self::Bundle(args) => {
                let product = args.common.product;
                let order = RechargeOrder::bundle(product, args.msisdn, &args.code, args.price)?;
                (args.common, order, args.msisdn.to_string())
            }
            Self::Zesa(args) => {
                let target = args.meter.to_string();
                let product = args.common.product;
                let order =
                    RechargeOrder::electricity(product, args.meter, args.notify, args.amount);
                let order = match &args.common.sms {
                    Some(text) => order.with_sms(&SmsTemplate::for_electricity(text)?),
                    None => order,
                };
                return Ok(finish(args.common.reference, order, target));
            }
            Self::Other(args) => {
                let product = args.common.product;
                let mut order = RechargeOrder::other(product, &args.target, args.amount)?;
                for option in &args.options {
                    let (name, value) = option
                        .split_once('=')
                        .ok_or_else(|| Failure::usage("--option must be NAME=VALUE"))?;
                    order = order.with_option(name, value)?;
                }
                (args.common, order, args.target)
            }
        };
        let order = match &common.sms {
            Some(text) => order.with_sms(&SmsTemplate::new(text)?),
            None => order,
        };
        Ok(finish(common.reference, order, target))
    }
}

fn finish(
    reference: Option<AgentReference>,
    order: RechargeOrder,
    target: String,
) -> (RechargeOrder, Ordered) {
    let order = match reference {
        Some(reference) => order.with_reference(reference),
        None => order,
    };
    let ordered = Ordered {
        reference: order.reference().clone(),
        target: Some(target),
        product: Some(order.product().get()),
        amount: Some(order.amount().to_string()),
    };
    (order, ordered)
}

pub(super) async fn run(
    session: &Session,
    command: OrderCommand,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let (order, ordered) = command.order()?;
    let work = async |client: &Client| {
        sell(
            client,
            ordered,
            client.recharge(&order),
            Told::Receipt,
            printer,
        )
        .await
    };
    session.selling(work).await
}

pub(super) async fn reserve(
    session: &Session,
    args: ReserveArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let (order, ordered) = args.order.order()?;
    let announce = args.announce;
    let work = async |client: &Client| {
        let reserving = async { client.reserve(&order, announce).await.map(outcome) };
        let exit = sell(client, ordered, reserving, Told::Outcome, printer).await?;
        if exit == Exit::Success {
            printer.note(&format!(
                "recharge: nothing is sold yet: `recharge hot complete {}` within about 30 minutes",
                order.reference()
            ));
        }
        Ok(exit)
    };
    session.selling(work).await
}

/// What a report says of a reservation.
fn outcome(reserved: Reserved) -> Outcome {
    match reserved {
        Reserved::Made(reservation) => {
            let answer = reservation.answer().cloned();
            Outcome::Done(answer.unwrap_or_else(|| Sale {
                reference: reservation.reference().clone(),
                provider_reference: None,
                balance: None,
                receipt: recharge::Receipt::default(),
            }))
        }
        Reserved::Lost(lost) => Outcome::Unresolved(lost.handle().clone(), lost.doubt().clone()),
    }
}

pub(super) async fn complete(
    session: &Session,
    args: StepArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let work = async |client: &Client| step(client, args.reference, true, printer).await;
    session.selling(work).await
}

pub(super) async fn cancel(
    session: &Session,
    args: StepArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let work = async |client: &Client| step(client, args.reference, false, printer).await;
    session.selling(work).await
}

/// The second step, under a reference of its own: the reservation's with C or F at its end.
async fn step(
    client: &Client,
    reference: AgentReference,
    completes: bool,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let second = format!("{reference}{}", if completes { 'C' } else { 'F' });
    let second: Reference = second.parse::<AgentReference>()?.into_reference();
    let reserved = client
        .reservation(&reference.clone().into_reference())
        .await?;
    let Some(reserved) = reserved else {
        // What was tried before is told, and not tried again.
        return match client.entry(&second).await {
            Some(entry) => {
                let report = Report::of_entry(&entry);
                printer.report(&report)?;
                Ok(report.outcome.exit())
            }
            None => Err(Failure::usage(format!(
                "REF must be that of a reservation that stands: the journal has none of {reference}"
            ))),
        };
    };
    let ordered = Ordered {
        reference: second,
        target: None,
        product: None,
        amount: None,
    };
    let stepping = async {
        match (reserved, completes) {
            (Reserved::Made(reservation), true) => reservation.complete().await,
            (Reserved::Made(reservation), false) => reservation.cancel().await,
            (Reserved::Lost(lost), false) => lost.cancel().await,
            (Reserved::Lost(lost), true) => complete_lost(lost).await,
        }
    };
    sell(client, ordered, stepping, Told::Receipt, printer).await
}

/// Only what is known to be reserved is completed.
async fn complete_lost(lost: recharge::hot::LostReservation) -> Result<Outcome, Error> {
    match lost.resume().await? {
        Reserved::Made(reservation) => reservation.complete().await,
        lost @ Reserved::Lost(_) => Ok(outcome(lost)),
    }
}
