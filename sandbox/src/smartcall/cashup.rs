//! Cashup of today and of a period: chapters 10 q and r, in the recorded shape: `responseCode` is null on success, sales are
//! negative, and a network has its short name.
//!
//! The rows are made from the ledger: one for each network that something was sold of, whatever endpoint sold it.
//!
//! undocumented:
//! * A day is one of South Africa. An order counts on the day on which it was written; one that was refunded counts on none.
//! * Transfers are the group `Transfers`, `Funds Transfer` out and `Funds Received` in. What the account was opened with was
//!   there before all days.
//! * The opening and the closing balance are always there; the total profit of days without a sale is null only in it.
//! * A date that is none, or an end before its start, is 1007.

use std::collections::BTreeMap;

use axum::response::Response;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::call::{Get, Post};
use super::request::{Member, text};
use super::wire::{self, ErrorBody};
use crate::clock::{day_of, parse_day};
use crate::ledger::Ledger;
use crate::money::Exact;
use crate::rules::invalid;
use crate::view::{Entry, EntryKind};
use crate::world::World;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    smartload_id: Member,
    start_date: Member,
    end_date: Member,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    error: Option<ErrorBody>,
    response_code: Option<&'static str>,
    cashup_response_items: Vec<Row>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    group_description: &'static str,
    item_description: String,
    item_count: u32,
    amount: Exact,
    net_amount: Exact,
    profit: Option<Exact>,
}

/// The sum of a kind of sale.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    count: u32,
    amount: Decimal,
    net: Decimal,
}

impl Sum {
    fn add(&mut self, count: u32, amount: Decimal, net: Decimal) {
        self.count = self.count.saturating_add(count);
        self.amount += amount;
        self.net += net;
    }

    fn profit(self) -> Decimal {
        self.net - self.amount
    }
}

/// `GET /smartload/cashup/{smartloadId}`.
pub(super) async fn today(call: Get<1>) -> Result<Response, Response> {
    let account = call.world.account(&call.path[0])?;
    let today = day_of(call.world.now_ms());
    Ok(cashup(&call.world, &account, today, today))
}

/// `POST /smartload/cashup`.
pub(super) async fn period(call: Post) -> Result<Response, Response> {
    let body: Body = call.read()?;
    let account = call.buyer(&body.smartload_id)?.account;
    let day = |member: &Member, name: &str| {
        let day = parse_day(&text(member));
        day.ok_or_else(|| wire::bad_request(invalid(name)))
    };
    let first = day(&body.start_date, "startDate")?;
    let last = day(&body.end_date, "endDate")?;
    if last < first {
        return Err(wire::bad_request(invalid("endDate is before startDate")));
    }
    Ok(cashup(&call.world, &account, first, last))
}

fn cashup(world: &World, account: &str, first: i64, last: i64) -> Response {
    let ledger = world.settled();
    let mut opening = ledger.opened_with(account);
    let mut groups: BTreeMap<(&'static str, String), Sum> = BTreeMap::new();
    let mut period = Sum::default();
    for (row, kind, amount, net) in movements(world, &ledger, account) {
        let day = day_of(row.recorded_at_ms);
        if day < first {
            opening += net;
        } else if day <= last {
            groups
                .entry(kind)
                .or_default()
                .add(row.quantity, amount, net);
            period.add(row.quantity, amount, net);
        }
    }
    let balance = |name, value| total(name, value, Some(Decimal::ZERO));
    let mut items = vec![balance("Opening Balance", opening)];
    items.extend(groups.into_iter().map(Row::from));
    items.push(balance("Closing Balance", opening + period.net));
    let profit = (period.count > 0).then(|| period.profit());
    items.push(total("Total Profit", Decimal::ZERO, profit));
    wire::ok(&Answer {
        error: None,
        response_code: None,
        cashup_response_items: items,
    })
}

type Movement<'a> = (&'a Entry, (&'static str, String), Decimal, Decimal);

/// What the rows of the ledger did to an account.
fn movements<'a>(
    world: &'a World,
    ledger: &'a Ledger,
    account: &'a str,
) -> impl Iterator<Item = Movement<'a>> {
    let out = move |row: &'a Entry| {
        let network = world.catalogue.network_of(row.product);
        let kind = match (row.kind, network) {
            (EntryKind::FundsTransfer, _) => ("Transfers", "Funds Transfer".to_owned()),
            (EntryKind::Monice, _) => ("Recharges", "Telkom Mobile".to_owned()),
            (_, network) => {
                let name = network.map_or(row.product_name, |network| network.short);
                ("Recharges", name.to_owned())
            }
        };
        (row, kind, -row.amount, -row.charged)
    };
    let received = |row: &'a Entry| {
        let kind = ("Transfers", "Funds Received".to_owned());
        (row, kind, row.amount, row.amount)
    };
    let paid = move |row: &&Entry| row.debited && row.account == account;
    let got = move |row: &&Entry| {
        row.kind == EntryKind::FundsTransfer && row.debited && row.msisdn == account
    };
    let rows = ledger.entries();
    let paid = rows.iter().filter(paid).map(out);
    paid.chain(rows.iter().filter(got).map(received))
}

impl From<((&'static str, String), Sum)> for Row {
    fn from(((group_description, item_description), sum): ((&'static str, String), Sum)) -> Self {
        Self {
            group_description,
            item_description,
            item_count: sum.count,
            amount: Exact::four(sum.amount),
            net_amount: Exact::four(sum.net),
            profit: Some(Exact::four(sum.profit())),
        }
    }
}

fn total(group_description: &'static str, net: Decimal, profit: Option<Decimal>) -> Row {
    Row {
        group_description,
        item_description: String::new(),
        item_count: 0,
        amount: Exact::four(Decimal::ZERO),
        net_amount: Exact::four(net),
        profit: profit.map(Exact::four),
    }
}
