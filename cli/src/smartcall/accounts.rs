//! Reads about the account: balance, cashup, registered dealers; and its tokens, the one thing here that is done and not read.

use clap::{Args, Subcommand};
use recharge::smartcall::{Cashup, CashupGroup, CashupLine, Client, Period};
use recharge::{Date, Invalid, Msisdn};
use rust_decimal::Decimal;
use serde_json::json;

use super::session::{Session, with};
use super::{read_failed, unread_rows};
use crate::client;
use crate::confirm::confirm;
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};

/// What tokens flush does, before it is done.
const FLUSH: &str = "This ends every token of this user, those of tills that are at work too: each has to log in again.";

/// Reads about the account.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Prints the balance of the account in rand
    Balance,
    Cashup(CashupArgs),
    /// Asks whether a number is a registered Smartload dealer's
    Registered {
        /// The number
        #[arg(value_name = "MSISDN")]
        dealer: Msisdn,
    },
    Tokens(TokensArgs),
}

/// Prints what was sold, paid in and earned, today or in a period; amounts in rand
///
/// Keys of a line: group (opening_balance, recharges, deposits, closing_balance, total_profit, or the service's word), item, count, amount,
/// net_amount, profit. Exit code 5 if a line of the service could not be understood; it is told on standard error.
#[derive(Debug, Args)]
pub(crate) struct CashupArgs {
    /// The first day, such as 2026-11-01 (default: today)
    #[arg(long, value_name = "DATE", requires = "to")]
    pub(super) from: Option<Date>,

    /// The last day
    #[arg(long, value_name = "DATE", requires = "from")]
    pub(super) to: Option<Date>,
}

impl CashupArgs {
    /// The period; `None` for today.
    fn period(&self) -> Result<Option<Period>, Invalid> {
        self.from
            .zip(self.to)
            .map(|(from, to)| Period::new(from, to))
            .transpose()
    }
}

/// Prints how many tokens this user can still ask for, of 50
#[derive(Debug, Args)]
pub(crate) struct TokensArgs {
    #[command(subcommand)]
    command: Option<TokensCommand>,
}

#[derive(Debug, Subcommand)]
enum TokensCommand {
    /// Ends every token of this user, those of all other clients too; for when the 50 were used up by clients that are gone
    Flush {
        /// Does not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) async fn run(
    session: &Session,
    command: AccountCommand,
    printer: &Printer,
) -> Result<Exit, Failure> {
    // What is wrong is said before anything is asked.
    let period = match &command {
        AccountCommand::Cashup(args) => args.period()?,
        _ => None,
    };
    if let AccountCommand::Tokens(TokensArgs {
        command: Some(TokensCommand::Flush { yes }),
    }) = command
    {
        confirm(FLUSH, yes)?;
    }
    let work = async |client: &Client| match command {
        AccountCommand::Balance => balance(client, printer).await,
        AccountCommand::Cashup(_) => cashup(client, period, printer).await,
        AccountCommand::Registered { dealer } => registered(client, dealer, printer).await,
        AccountCommand::Tokens(TokensArgs { command: None }) => {
            told_tokens(client.tokens_left().await.map_err(read_failed)?, printer)
        }
        AccountCommand::Tokens(TokensArgs { command: Some(_) }) => {
            let left = client.flush_tokens_of_all_clients().await;
            told_tokens(left.map_err(read_failed)?, printer)
        }
    };
    session.reading(work).await
}

/// Needs no credentials.
pub(super) async fn ping(session: &Session, printer: &Printer) -> Result<Exit, Failure> {
    let work = async |client: &Client| {
        let response = client.ping().await.map_err(read_failed)?;
        printer.value(&json!({ "response": response }), &response)?;
        Ok(Exit::Success)
    };
    with(client::pinging(&session.args)?, work).await
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

async fn registered(client: &Client, dealer: Msisdn, printer: &Printer) -> Result<Exit, Failure> {
    let registered = client.is_registered(dealer).await.map_err(read_failed)?;
    let word = if registered {
        "registered"
    } else {
        "not registered"
    };
    printer.value(
        &json!({ "msisdn": dealer.to_string(), "registered": registered }),
        &format!("{dealer}  {word}"),
    )?;
    Ok(Exit::Success)
}

fn told_tokens(left: u32, printer: &Printer) -> Result<Exit, Failure> {
    printer.value(
        &json!({ "tokens_left": left }),
        &format!("{left} tokens are left"),
    )?;
    Ok(Exit::Success)
}

async fn cashup(
    client: &Client,
    period: Option<Period>,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let Cashup { lines, unread, .. } = match period {
        Some(period) => client.cashup(period).await,
        None => client.cashup_today().await,
    }
    .map_err(read_failed)?;
    if printer.is_table() {
        printer.line(&columns([
            "GROUP", "ITEM", "COUNT", "AMOUNT", "NET", "PROFIT",
        ]))?;
    }
    for line in &lines {
        told_line(line, printer)?;
    }
    Ok(unread_rows(&unread, printer))
}

fn told_line(line: &CashupLine, printer: &Printer) -> Result<(), Failure> {
    let group = group(&line.group);
    let json = json!({
        "group": group, "item": line.item, "count": line.count,
        "amount": text(line.amount), "net_amount": text(line.net_amount), "profit": text(line.profit),
    });
    let count = line.count.map(|count| count.to_string());
    let dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let plain = columns([
        group,
        &dash(line.item.as_ref().map(|item| on_one_line(item))),
        &dash(count),
        &dash(text(line.amount)),
        &dash(text(line.net_amount)),
        &dash(text(line.profit)),
    ]);
    Ok(printer.value(&json, &plain)?)
}

pub(super) fn group(group: &CashupGroup) -> &str {
    match group {
        CashupGroup::OpeningBalance => "opening_balance",
        CashupGroup::Recharges => "recharges",
        CashupGroup::Deposits => "deposits",
        CashupGroup::ClosingBalance => "closing_balance",
        CashupGroup::TotalProfit => "total_profit",
        CashupGroup::Other(name) => name,
        _ => "other",
    }
}

fn text(amount: Option<Decimal>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

fn columns([group, item, count, amount, net, profit]: [&str; 6]) -> String {
    format!("{group:<16}  {item:<20}  {count:>6}  {amount:>12}  {net:>12}  {profit:>10}")
}
