//! Recharges one by one and in bulk, enquiries, recovery.

use std::path::PathBuf;

use clap::{Subcommand, value_parser};
use recharge::journal::{Entry, Journal, Key, Service, Sqlite};
use recharge::smartcall::{Client, RechargeOrder};
use recharge::{Msisdn, ProductId, Rand, Reference};

use super::read_failed;
use super::session::Session;
use crate::client;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::report::Report;
use crate::seller::{Told, recover, sell};

/// Sales of airtime and data, and what became of them.
#[derive(Debug, Subcommand)]
pub(crate) enum RechargeCommand {
    Recharge(RechargeArgs),
    Bulk(BulkArgs),
    /// Asks the service what it knows of a reference; changes nothing
    Enquire(EnquireArgs),
    /// Settles every sale in the journal whose end is not known
    Recover,
}

/// Recharges one subscriber.
///
/// With a reference that the journal holds, the sale is carried on, not made again: one that has ended
/// prints the outcome that it had.
#[derive(Debug, clap::Args)]
pub(crate) struct RechargeArgs {
    /// The product's id, such as 62 for Vodacom airtime
    #[arg(long, value_name = "ID")]
    pub(crate) product: ProductId,

    /// Who is recharged: 27821234567, +27821234567 or 0821234567
    #[arg(long)]
    pub(crate) msisdn: Msisdn,

    /// How much, in rand, such as 10 or 29.50
    #[arg(long, value_name = "RAND")]
    pub(crate) amount: Rand,

    /// Your name for this sale, never to be used for another; without it a random one is made
    #[arg(long)]
    pub(crate) reference: Option<Reference>,
}

/// Recharges every row of a file, at most once however often it is run.
///
/// The file has the columns msisdn,product,amount[,reference], in this order or in that of a first line
/// which names them.
///
/// A row without a reference gets one that is made of the account, the NAME of the file, the number, the
/// product and the amount (and of how many identical rows stand before it). The same file name with the
/// same row therefore means the same sale: running a file again after a crash sells what is missing and
/// nothing twice, and rows may be added, removed and moved. TO SELL THE SAME LIST AGAIN, RENAME THE FILE OR
/// GIVE REFERENCES. The journal remembers for 400 days.
///
/// A bad row is named on standard error by its line, and the others are sold. Ctrl-C takes no new rows and
/// waits for those in work; a second one ends at once, which is as safe.
#[derive(Debug, clap::Args)]
pub(crate) struct BulkArgs {
    /// The file
    #[arg(value_name = "FILE.csv")]
    pub(crate) file: PathBuf,

    /// How many rows are worked on at once; each has a connection, of which most systems allow a process 1024
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = value_parser!(u16).range(1..=512))]
    pub(crate) concurrency: u16,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EnquireArgs {
    /// The reference that the sale was made with
    #[arg(value_name = "REF")]
    pub(crate) reference: Reference,
}

pub(super) async fn run(
    session: &Session,
    command: RechargeCommand,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    match command {
        RechargeCommand::Recharge(args) => {
            let order = args.order();
            let work = async |client: &Client| {
                let selling = client.recharge(&order);
                sell(client, (&order).into(), selling, Told::Outcome, printer).await
            };
            session.selling(work).await
        }
        RechargeCommand::Bulk(args) => {
            let journal = client::journal_path(session.journal.clone())?;
            let work = async |client: &Client| {
                crate::bulk::run(client, &args, client::folder(&journal), printer).await
            };
            session.selling(work).await
        }
        RechargeCommand::Enquire(args) => {
            let journal = session.journal.clone();
            let work = async |client: &Client| enquire(client, args, journal, printer).await;
            session.reading(work).await
        }
        RechargeCommand::Recover => {
            let work = async |client: &Client| recover(client, printer).await;
            session.selling(work).await
        }
    }
}

impl RechargeArgs {
    pub(super) fn order(self) -> RechargeOrder {
        let order = RechargeOrder::new(self.msisdn, self.product, self.amount);
        match self.reference {
            Some(reference) => order.with_reference(reference),
            None => order,
        }
    }
}

async fn enquire(
    client: &Client,
    args: EnquireArgs,
    journal: Option<PathBuf>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let found = client.enquire(&args.reference).await.map_err(read_failed)?;
    let entry = glance(client, &args.reference, journal).await;
    let report = Report::of_enquiry(&args.reference, found, entry.as_ref());
    printer.report(&report)?;
    Ok(report.outcome.exit())
}

/// What a journal says of the reference, if there is one that can be read; an enquiry does without.
async fn glance(client: &Client, reference: &Reference, journal: Option<PathBuf>) -> Option<Entry> {
    let journal = Sqlite::open_read_only(client::journal_path(journal).ok()?).ok()?;
    let key = Key {
        service: Service::Smartcall,
        account: client.account().to_string().into(),
        reference: reference.clone(),
    };
    journal.read(key).await.ok().flatten()
}
