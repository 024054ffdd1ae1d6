//! Vouchers as a file: ordered, downloaded, made again, read.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use recharge::smartcall::{Client, FileError, FileVouchers, VoucherFileError, VoucherOrder};
use recharge::{ProductId, Receipt, Reference};
use serde::Serialize;
use serde_json::json;

use super::read_failed;
use super::session::Session;
use crate::confirm::{confirm, secret};
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};
use crate::receipt::{self, ReceiptReport};
use crate::report::Ordered;
use crate::seller::{Told, sell};

/// Where a file's password is taken from when nobody can be asked.
const PASSWORD: &str = "RECHARGE_FILE_PASSWORD";

/// Orders vouchers as a file, downloads and reads it
#[derive(Debug, Args)]
pub(crate) struct OrdersArgs {
    #[command(subcommand)]
    command: OrdersCommand,
}

#[derive(Debug, Subcommand)]
enum OrdersCommand {
    Create(CreateArgs),
    /// Downloads the file of an order; whole, or not at all
    Fetch {
        /// The reference that the order was made with
        #[arg(value_name = "REF")]
        reference: Reference,

        /// Where it is written, such as vouchers.zip
        #[arg(long, value_name = "FILE.zip")]
        to: PathBuf,
    },
    /// Has the file made again under a new password, which it prints; the old password and file are void
    Recreate {
        /// The reference that the order was made with
        #[arg(value_name = "REF")]
        reference: Reference,

        /// Does not ask
        #[arg(long)]
        yes: bool,
    },
    /// Prints the vouchers of a downloaded file
    ///
    /// The password comes from RECHARGE_FILE_PASSWORD, or is asked for without showing it; never from an argument.
    Read {
        /// The file
        #[arg(value_name = "FILE.zip")]
        file: PathBuf,
    },
}

/// Orders vouchers as a file, and prints its password
///
/// The password is printed on standard output, and kept nowhere: `recharge smartcall orders recreate REF` gives a new one.
#[derive(Debug, Args)]
struct CreateArgs {
    /// The product's id, such as 66
    #[arg(long, value_name = "ID")]
    product: ProductId,

    /// How many, 1 to 100000
    #[arg(long, value_name = "N")]
    quantity: u32,

    /// Your name for this order, never to be used for another; without it a random one is made
    #[arg(long)]
    reference: Option<Reference>,
}

pub(super) async fn run(
    session: &Session,
    args: OrdersArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    match args.command {
        OrdersCommand::Create(args) => create(session, args, printer).await,
        OrdersCommand::Fetch { reference, to } => {
            let work = async |client: &Client| {
                let file = client.download_voucher_file(&reference, &to).await;
                let file = file.map_err(file_failed)?;
                let path = file.path.display().to_string();
                printer.value(
                    &json!({ "reference": reference.as_str(), "file": path, "bytes": file.bytes }),
                    &format!("{path}  {} bytes", file.bytes),
                )?;
                Ok(Exit::Success)
            };
            session.reading(work).await
        }
        OrdersCommand::Recreate { reference, yes } => {
            let what = format!("This voids the password of {reference}, and its file.");
            confirm(&what, yes)?;
            let work = async |client: &Client| recreate(client, &reference, printer).await;
            session.reading(work).await
        }
        OrdersCommand::Read { file } => read(&file, printer),
    }
}

async fn create(
    session: &Session,
    args: CreateArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
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
        let selling = client.order_voucher_file(&order);
        sell(client, ordered, selling, Told::Receipt, printer).await
    };
    session.selling(work).await
}

/// A file that was made again: one object, with every key.
#[derive(Serialize)]
struct Recreated<'a> {
    reference: &'a str,
    password: &'a str,
    number: Option<&'a str>,
}

async fn recreate(
    client: &Client,
    reference: &Reference,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let file = client.recreate_voucher_file(reference).await;
    let file = file.map_err(file_failed)?;
    if printer.is_table() {
        let line = format!("Password of the file: {}", file.password.expose());
        printer.line(&zeroize::Zeroizing::new(line))?;
        return Ok(Exit::Success);
    }
    let recreated = Recreated {
        reference: reference.as_str(),
        password: file.password.expose(),
        number: file.number.as_deref(),
    };
    receipt::object(&recreated, printer)?;
    Ok(Exit::Success)
}

/// One voucher of a file: one object, with every key.
#[derive(Serialize)]
struct Voucher<'a> {
    batch: Option<&'a str>,
    #[serde(flatten)]
    receipt: ReceiptReport<'a>,
}

fn read(file: &PathBuf, printer: &Printer) -> Result<Exit, Failure> {
    if !file.is_file() {
        let problem = "FILE.zip must be a regular file";
        return Err(Failure::usage(format!("{problem}: {}", file.display())));
    }
    let password = secret(PASSWORD, "Password of the file")?;
    let FileVouchers {
        vouchers,
        unreadable,
        ..
    } = FileVouchers::open(file, &password).map_err(|error| match error {
        VoucherFileError::Password => Failure::usage(format!("{PASSWORD}: {error}")),
        error => Failure::other(format!("{}: {error}", file.display())),
    })?;
    for voucher in vouchers {
        let receipt = Receipt::of(vec![voucher.pin]);
        if printer.is_table() {
            receipt::print(&receipt, printer)?;
            continue;
        }
        let voucher = Voucher {
            batch: voucher.batch.as_deref(),
            receipt: (&receipt).into(),
        };
        receipt::object(&voucher, printer)?;
    }
    if unreadable > 0 {
        printer.note(&format!(
            "recharge: {unreadable} rows of the file hold no PIN that can be read"
        ));
        return Ok(Exit::Warned);
    }
    Ok(Exit::Success)
}

fn file_failed(error: FileError) -> Failure {
    match error {
        FileError::Read(error) => read_failed(error),
        // Neither says that the order was not made.
        error @ (FileError::NotReady | FileError::DoesNotExist) => Failure {
            exit: Exit::Open,
            message: format!(
                "{error}: ask again later; `recharge smartcall recover` settles the order"
            ),
        },
        error => Failure::other(on_one_line(&error.to_string())),
    }
}
