//! The cashup reports: of today (chapter 10 q) and of a period (10 r). Both only read; that the second is a POST changes nothing in that.
//!
//! A success says so by `error` alone: `responseCode` is null then.

use std::fmt;

use recharge_bindings::smartcall::types;
use rust_decimal::Decimal;

use super::accounts::{checked, missing, success};
use super::client::Client;
use super::reading::text;
use super::rows::{UnreadRow, rows};
use crate::domain::Date;
use crate::error::{Invalid, ReadError};
use crate::recovery::Class;
use crate::transport::delivery::delivery;

/// Reads of chapters 10 q and 10 r.
pub(super) const CLASSES: &[(&str, Class)] =
    &[("getCashupToday", Class::Read), ("getCashup", Class::Read)];

/// Days from the first to the last, both of them included. Days are South Africa's.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    from: Date,
    to: Date,
}

impl Period {
    /// From a day to another, which may be the same.
    ///
    /// # Errors
    /// When it ends before it begins.
    pub fn new(from: Date, to: Date) -> Result<Self, Invalid> {
        if to < from {
            return Err(Invalid::new("period", "must not end before it begins"));
        }
        Ok(Self { from, to })
    }

    /// One day.
    #[must_use]
    pub fn day(date: Date) -> Self {
        Self {
            from: date,
            to: date,
        }
    }

    /// Its first day.
    #[must_use]
    pub fn from(self) -> Date {
        self.from
    }

    /// Its last day.
    #[must_use]
    pub fn to(self) -> Date {
        self.to
    }

    /// Whether a day is one of it.
    #[must_use]
    pub fn contains(self, date: Date) -> bool {
        (self.from..=self.to).contains(&date)
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..={}", self.from, self.to)
    }
}

/// What a line of a cashup is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CashupGroup {
    /// What the account held before.
    OpeningBalance,
    /// Sales of one kind.
    Recharges,
    /// What was paid in, and its fees.
    Deposits,
    /// What the account held after.
    ClosingBalance,
    /// What was earned.
    TotalProfit,
    /// Another group, by the service's name for it.
    Other(String),
}

impl CashupGroup {
    fn named(name: String) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "opening balance" => Self::OpeningBalance,
            "recharges" => Self::Recharges,
            "deposits" => Self::Deposits,
            "closing balance" => Self::ClosingBalance,
            "total profit" => Self::TotalProfit,
            _ => Self::Other(name),
        }
    }
}

/// One line of a cashup. Amounts are rand, negative where the account paid.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CashupLine {
    /// What it is about.
    pub group: CashupGroup,
    /// The service's short name of what was sold or paid (`VOD`, `CELLC`, `Telkom Mobile`); none on balances and totals.
    pub item: Option<String>,
    /// How many.
    pub count: Option<i32>,
    /// The retail amount.
    pub amount: Option<Decimal>,
    /// What the account paid or got; on balances, the balance.
    pub net_amount: Option<Decimal>,
    /// What was earned.
    pub profit: Option<Decimal>,
}

impl CashupLine {
    fn read(row: &types::CashupResponseItem) -> Result<Self, UnreadRow> {
        let group = text(&row.group_description)
            .ok_or_else(|| UnreadRow::of(row, "says not what it is about"))?;
        // A number that is there and is none of ours must not be taken for "nothing".
        let foreign = row.item_count.other().is_some()
            || [&row.amount, &row.net_amount, &row.profit]
                .iter()
                .any(|field| field.other().is_some());
        if foreign {
            return Err(UnreadRow::of(
                row,
                "has an amount or a count that is no number",
            ));
        }
        Ok(Self {
            group: CashupGroup::named(group),
            item: text(&row.item_description),
            count: row.item_count.copied(),
            amount: row.amount.copied(),
            net_amount: row.net_amount.copied(),
            profit: row.profit.copied(),
        })
    }
}

/// A cashup report of one account, line by line as the service gave it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Cashup {
    /// Its lines.
    pub lines: Vec<CashupLine>,
    /// Rows that cannot be understood.
    pub unread: Vec<UnreadRow>,
}

impl Cashup {
    fn read(body: types::CashupResponse) -> Result<Self, ReadError> {
        let body = checked(body, |body| &body.error)?;
        let Some(rows) = rows(body.cashup_response_items.clone()) else {
            return Err(missing(&body, "a report"));
        };
        let (mut lines, mut unread) = (Vec::new(), Vec::new());
        for row in rows {
            match row.and_then(|row| CashupLine::read(&row)) {
                Ok(line) => lines.push(line),
                Err(row) => unread.push(row),
            }
        }
        Ok(Self { lines, unread })
    }

    /// The balance at the beginning, in rand, if the report has it.
    #[must_use]
    pub fn opening_balance(&self) -> Option<Decimal> {
        self.net(&CashupGroup::OpeningBalance)
    }

    /// The balance at the end, in rand, if the report has it.
    #[must_use]
    pub fn closing_balance(&self) -> Option<Decimal> {
        self.net(&CashupGroup::ClosingBalance)
    }

    /// What was earned, in rand. `None` for a period without entries.
    #[must_use]
    pub fn total_profit(&self) -> Option<Decimal> {
        self.of(&CashupGroup::TotalProfit)
            .find_map(|line| line.profit)
    }

    /// The lines of a group.
    pub fn of<'a>(&'a self, group: &'a CashupGroup) -> impl Iterator<Item = &'a CashupLine> {
        self.lines.iter().filter(move |line| line.group == *group)
    }

    fn net(&self, group: &CashupGroup) -> Option<Decimal> {
        self.of(group).find_map(|line| line.net_amount)
    }
}

impl Client {
    /// The cashup of the current day (`GET /smartload/cashup/{smartloadId}`, chapter 10 q).
    ///
    /// # Errors
    /// When the service does not let us in, does not know the account, or does not answer.
    pub async fn cashup_today(&self) -> Result<Cashup, ReadError> {
        self.let_in().await?;
        let account = self.payer();
        let answer = self.raw().get_cashup_today(&account).await;
        Cashup::read(success(delivery(answer).await)?)
    }

    /// The cashup of a period (`POST /smartload/cashup`, chapter 10 r).
    ///
    /// # Errors
    /// When the service does not let us in, does not know the account, or does not answer.
    pub async fn cashup(&self, period: Period) -> Result<Cashup, ReadError> {
        self.let_in().await?;
        let request = types::CashupRequest::new(
            period.to.to_string(),
            self.account().to_string(),
            period.from.to_string(),
        );
        let answer = self.raw().get_cashup(&request).await;
        Cashup::read(success(delivery(answer).await)?)
    }
}
