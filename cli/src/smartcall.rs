//! `recharge smartcall`: one function for each command.

use std::path::PathBuf;

use recharge::journal::{Entry, Journal, Key, Service, Sqlite};
use recharge::smartcall::{Client, RechargeOrder};
use recharge::{Error, Outcome, ReadError, Reference};
use serde_json::json;
use tokio::sync::mpsc;

use crate::args::{EnquireArgs, RechargeArgs, SmartcallArgs, SmartcallCommand};
use crate::client;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;
use crate::report::{Report, Tally};

pub(crate) async fn run(
    args: SmartcallArgs,
    journal: Option<PathBuf>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let client = match &args.command {
        SmartcallCommand::Ping => client::pinging(&args)?,
        SmartcallCommand::Balance | SmartcallCommand::Enquire(_) => client::reading(&args)?,
        _ => client::selling(&args, journal.clone())?,
    };
    let done = match args.command {
        SmartcallCommand::Balance => balance(&client, printer).await,
        SmartcallCommand::Ping => ping(&client, printer).await,
        SmartcallCommand::Recharge(order) => recharge(&client, order, printer).await,
        SmartcallCommand::Bulk(bulk) => crate::bulk::run(&client, &bulk, printer).await,
        SmartcallCommand::Enquire(enquiry) => enquire(&client, enquiry, journal, printer).await,
        SmartcallCommand::Recover => recover(&client, printer).await,
    };
    client::close(&client).await;
    done
}

async fn balance(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let balance = client.balance().await.map_err(read_failed)?;
    let account = client.account().to_string();
    printer.value(
        &json!({ "account": account, "balance": balance.to_string() }),
        &format!("{account}  R{balance}"),
    )?;
    Ok(Exit::Success)
}

async fn ping(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let response = client.ping().await.map_err(read_failed)?;
    printer.value(&json!({ "response": response }), &response)?;
    Ok(Exit::Success)
}

async fn recharge(
    client: &Client,
    args: RechargeArgs,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let order = RechargeOrder::new(args.msisdn, args.product, args.amount);
    let order = match args.reference {
        Some(reference) => order.with_reference(reference),
        None => order,
    };
    let result = client.recharge(&order).await;
    let report = Report::of_order(
        &order,
        &result,
        journaled(client, order.reference()).await.as_ref(),
    );
    printer.report(&report)?;
    Ok(report.outcome.exit())
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
        account: client.account().to_string(),
        reference: reference.clone(),
    };
    journal.read(key).await.ok().flatten()
}

async fn recover(client: &Client, printer: &mut Printer) -> Result<Exit, Failure> {
    let (ended, mut ends) = mpsc::unbounded_channel::<(Entry, Result<Outcome, Error>)>();
    let work = async move {
        // The receiver outlives the work, unless the output is gone; the work goes on all the same.
        client
            .recover(|entry, result| drop(ended.send((entry.clone(), result))))
            .await
    };
    let print = async {
        let mut tally = Tally::default();
        let mut broken = None;
        while let Some((listed, result)) = ends.recv().await {
            let entry = journaled(client, &listed.intent.reference)
                .await
                .unwrap_or(listed);
            let report = Report::of_recovery(&entry, &result);
            tally.add(report.outcome);
            broken = printer.report(&report).err().or(broken);
        }
        broken.map_or(Ok(tally), Err)
    };
    let (worked, printed) = tokio::join!(work, print);
    let tally = printed?;
    let others = worked?;
    if others > 0 {
        printer.note(&format!(
            "{others} open rows of the journal belong to other accounts: recover them with --account"
        ));
        return Ok(tally.exit().and(Exit::Open));
    }
    if printer.is_table() && tally.total() == 0 {
        printer.line("nothing is open")?;
    }
    Ok(tally.exit())
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
