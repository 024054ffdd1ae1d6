//! `recharge smartcall`: one file for each group of commands.

mod accounts;
mod catalogue;
mod doctor;
mod electricity;
mod hint;
mod monice;
mod orders;
mod payments;
mod recharges;
mod reconcile;
mod rica;
mod session;
mod submissions;
mod utilities;
mod vouchers;

use std::path::PathBuf;

use recharge::journal::Entry;
use recharge::smartcall::{Client, UnreadRow};
use recharge::{ReadError, Reference};

use self::session::Session;
use crate::args::{SmartcallArgs, SmartcallCommand};
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

pub(crate) use accounts::AccountCommand;
pub(crate) use catalogue::CatalogueCommand;
pub(crate) use doctor::DoctorArgs;
pub(crate) use electricity::ElectricityArgs;
pub(crate) use hint::HintArgs;
pub(crate) use monice::MoniceArgs;
pub(crate) use orders::OrdersArgs;
pub(crate) use payments::PaymentCommand;
pub(crate) use recharges::{BulkArgs, RechargeCommand};
pub(crate) use reconcile::ReconcileArgs;
pub(crate) use rica::RicaArgs;
pub(crate) use submissions::SubmissionCommand;
pub(crate) use utilities::UtilityCommand;
pub(crate) use vouchers::VouchersArgs;

pub(crate) async fn run(
    mut args: SmartcallArgs,
    journal: Option<PathBuf>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    // Taken out, so that what is left says how a client is made.
    let Some(command) = args.command.take() else {
        return Err(Failure::usage("a command must be given"));
    };
    let session = Session { args, journal };
    match command {
        SmartcallCommand::Doctor(args) => doctor::run(&session, &args, printer).await,
        SmartcallCommand::Ping => accounts::ping(&session, printer).await,
        SmartcallCommand::Account(command) => accounts::run(&session, command, printer).await,
        SmartcallCommand::Catalogue(command) => catalogue::run(&session, command, printer).await,
        SmartcallCommand::Utilities(command) => utilities::run(&session, command, printer).await,
        SmartcallCommand::Recharges(command) => recharges::run(&session, command, printer).await,
        SmartcallCommand::Reconcile(args) => reconcile::run(&session, args, printer).await,
        SmartcallCommand::Rica(args) => rica::run(&session, args, printer).await,
        SmartcallCommand::Vouchers(args) => vouchers::run(&session, args, printer).await,
        SmartcallCommand::Submissions(command) => {
            submissions::run(&session, command, printer).await
        }
        SmartcallCommand::Payments(command) => payments::run(&session, command, printer).await,
        SmartcallCommand::Monice(args) => monice::run(&session, args, printer).await,
        SmartcallCommand::Orders(args) => orders::run(&session, args, printer).await,
        SmartcallCommand::Hint(args) => hint::run(&session, args, printer).await,
        SmartcallCommand::Electricity(args) => electricity::run(&session, args, printer).await,
    }
}

/// The journal's row; an outcome is told with or without it.
pub(crate) async fn journaled(client: &Client, reference: &Reference) -> Option<Entry> {
    client.journaled(reference).await.ok().flatten()
}

fn read_failed(error: ReadError) -> Failure {
    match error {
        ReadError::Invalid(invalid) => invalid.into(),
        error => Failure::other(error),
    }
}

/// Tells of rows that could not be understood, whose content stays unsaid: nobody knows what is in it.
fn unread_rows(unread: &[UnreadRow], printer: &Printer) -> Exit {
    for row in unread {
        printer.note(&format!("recharge: left out, a row that {row:?}"));
    }
    if unread.is_empty() {
        Exit::Success
    } else {
        Exit::Warned
    }
}
