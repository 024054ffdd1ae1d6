//! Vouchers: bought in one answer, shown again, and their stock.

use clap::{Args, Subcommand};
use recharge::smartcall::{Client, VoucherOrder};
use recharge::{ProductId, Receipt, Reference};
use serde::Serialize;
use serde_json::json;

use super::read_failed;
use super::session::Session;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::receipt::{self, ReceiptReport};
use crate::report::Ordered;
use crate::seller::{Told, sell};

/// Buys vouchers, and prints their PINs
#[derive(Debug, Args)]
pub(crate) struct VouchersArgs {
    #[command(subcommand)]
    command: VouchersCommand,
}

#[derive(Debug, Subcommand)]
enum VouchersCommand {
    Buy(BuyArgs),
    /// Prints the vouchers of a purchase again
    Show(ShowArgs),
    /// Prints how many vouchers of a product are in stock
    Stock {
        /// The product's id
        #[arg(value_name = "PRODUCT")]
        product: ProductId,
    },
}

/// Buys vouchers at the product's price, and prints their PINs
///
/// They are printed on standard output, and kept nowhere: `recharge smartcall vouchers show REF` prints them again.
#[derive(Debug, Args)]
struct BuyArgs {
    /// The product's id, such as 66
    #[arg(long, value_name = "ID")]
    product: ProductId,

    /// How many, 1 to 100000
    #[arg(long, value_name = "N")]
    quantity: u32,

    /// Your name for this purchase, never to be used for another; without it a random one is made
    #[arg(long)]
    reference: Option<Reference>,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The reference that the purchase was made with
    #[arg(value_name = "REF")]
    reference: Reference,

    /// REF is the Smartload reference instead, the service's own
    #[arg(long)]
    smartload: bool,
}

pub(super) async fn run(
    session: &Session,
    args: VouchersArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    match args.command {
        VouchersCommand::Buy(args) => buy(session, args, printer).await,
        VouchersCommand::Show(args) => {
            let work = async |client: &Client| show(client, args, printer).await;
            session.reading_beside_the_journal(work).await
        }
        VouchersCommand::Stock { product } => {
            let work = async |client: &Client| stock(client, product, printer).await;
            session.reading(work).await
        }
    }
}

async fn buy(session: &Session, args: BuyArgs, printer: &mut Printer) -> Result<Exit, Failure> {
    let order = VoucherOrder::new(args.product, args.quantity)?;
    let order = match args.reference {
        Some(reference) => order.with_reference(reference),
        None => order,
    };
    let ordered = Ordered {
        reference: order.reference().clone(),
        target: None,
        product: Some(order.product().get()),
        amount: None,
    };
    let work = async |client: &Client| {
        let selling = client.buy_vouchers(&order);
        sell(client, ordered, selling, Told::Receipt, printer).await
    };
    session.selling(work).await
}

/// The vouchers of a purchase: one object, with every key.
#[derive(Serialize)]
struct Vouchers<'a> {
    reference: &'a str,
    #[serde(flatten)]
    receipt: ReceiptReport<'a>,
}

async fn show(client: &Client, args: ShowArgs, printer: &Printer) -> Result<Exit, Failure> {
    let reference = &args.reference;
    let found = if args.smartload {
        client.vouchers_of_smartload(reference.as_str()).await
    } else {
        client.vouchers(reference).await
    };
    let Some(found) = found.map_err(read_failed)? else {
        printer.note(&format!(
            "recharge: {reference} is not known to the service as a purchase of vouchers, which is no proof that it was not made: \
             `recharge smartcall recover` finds out"
        ));
        return Ok(Exit::Open);
    };
    tell(reference, &found, printer)?;
    Ok(if found.missing > 0 {
        Exit::Warned
    } else {
        Exit::Success
    })
}

fn tell(reference: &Reference, receipt: &Receipt, printer: &Printer) -> Result<(), Failure> {
    if printer.is_table() {
        return receipt::print(receipt, printer);
    }
    let vouchers = Vouchers {
        reference: reference.as_str(),
        receipt: receipt.into(),
    };
    receipt::object(&vouchers, printer)
}

async fn stock(client: &Client, product: ProductId, printer: &Printer) -> Result<Exit, Failure> {
    let stock = client.voucher_stock(product).await.map_err(read_failed)?;
    printer.value(
        &json!({ "product": product.get(), "stock": stock }),
        &format!("{stock} vouchers of product {product} are in stock"),
    )?;
    Ok(Exit::Success)
}
