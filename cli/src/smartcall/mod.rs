//! `recharge smartcall`: one file for each group of commands.

mod accounts;
mod catalogue;
mod doctor;
mod recharges;
mod utilities;

use std::path::PathBuf;

use recharge::journal::Entry;
use recharge::smartcall::{Client, UnreadRow};
use recharge::{ReadError, Reference};

use crate::args::{SmartcallArgs, SmartcallCommand};
use crate::client;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

pub(crate) use accounts::AccountCommand;
pub(crate) use catalogue::CatalogueCommand;
pub(crate) use doctor::DoctorArgs;
pub(crate) use recharges::{BulkArgs, RechargeCommand};
pub(crate) use utilities::UtilityCommand;

pub(crate) async fn run(
    mut args: SmartcallArgs,
    journal: Option<PathBuf>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    // Taken out, so that what is left says how the client is made.
    let Some(command) = args.command.take() else {
        return Err(Failure::usage("a command must be given"));
    };
    match command {
        SmartcallCommand::Doctor(doctor) => doctor::run(&args, &doctor, journal, printer).await,
        SmartcallCommand::Ping => {
            let work = async |client: &Client| accounts::ping(client, printer).await;
            with(client::pinging(&args)?, work).await
        }
        SmartcallCommand::Account(command) => {
            let work = async |client: &Client| accounts::run(client, command, printer).await;
            with(reading(&args)?, work).await
        }
        SmartcallCommand::Catalogue(command) => {
            let work = async |client: &Client| catalogue::run(client, command, printer).await;
            with(reading(&args)?, work).await
        }
        SmartcallCommand::Utilities(command) => {
            let work = async |client: &Client| utilities::run(client, command, printer).await;
            with(reading(&args)?, work).await
        }
        SmartcallCommand::Recharges(command) => {
            let client = match command {
                RechargeCommand::Enquire(_) => reading(&args)?,
                _ => client::selling(&args, journal.clone())?,
            };
            let work =
                async |client: &Client| recharges::run(client, command, journal, printer).await;
            with(client, work).await
        }
    }
}

/// Works with a client, and gives its tokens back whatever came of it.
async fn with(
    client: Client,
    work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let done = work(&client).await;
    client::close(&client).await;
    done
}

fn reading(args: &SmartcallArgs) -> Result<Client, Failure> {
    client::reading(args, client::policy(args))
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
