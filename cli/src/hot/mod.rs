//! `recharge hot`: reads here, sales and reservations in files of their own.

mod reads;
mod sales;
mod session;

use std::path::PathBuf;

use clap::Subcommand;
use recharge::ReadError;
use recharge::hot::Client;

use self::session::Session;
use crate::args::HotArgs;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::seller::recover;

pub(crate) use reads::ReadCommand;
pub(crate) use sales::{OrderCommand, ReserveArgs, StepArgs};
pub(crate) use session::deciding;

#[derive(Debug, Subcommand)]
pub(crate) enum HotCommand {
    #[command(flatten)]
    Reads(ReadCommand),
    #[command(flatten)]
    Orders(OrderCommand),
    Reserve(ReserveArgs),
    /// Sells what was reserved, once
    Complete(StepArgs),
    /// Gives a reservation up; never after its completion was tried
    CancelReservation(StepArgs),
    /// Settles every sale in the journal whose end is not known, by enquiry alone
    Recover,
}

pub(crate) async fn run(
    mut args: HotArgs,
    journal: Option<PathBuf>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    // Taken out, so that what is left says how a client is made.
    let Some(command) = args.command.take() else {
        return Err(Failure::usage("a command must be given"));
    };
    let session = Session { args, journal };
    match command {
        HotCommand::Reads(command) => reads::run(&session, command, printer).await,
        HotCommand::Orders(command) => sales::run(&session, command, printer).await,
        HotCommand::Reserve(args) => sales::reserve(&session, args, printer).await,
        HotCommand::Complete(args) => sales::complete(&session, args, printer).await,
        HotCommand::CancelReservation(args) => sales::cancel(&session, args, printer).await,
        HotCommand::Recover => {
            let work = async |client: &Client| recover(client, printer).await;
            session.selling(work).await
        }
    }
}

fn read_failed(error: ReadError) -> Failure {
    match error {
        ReadError::Invalid(invalid) => invalid.into(),
        error => Failure::other(error),
    }
}
