//! **The rule: each side is named with what the other lacks, and nothing is explained away.**
//!
//! A cashup has totals by what was sold (`VOD`, `Telkom Mobile`), the journal has sales by product. The catalogue says which product is
//! which network's, and what a fixed price is, since that is charged whatever an order said. A sale counts on the day in South Africa on
//! which it was sent; where it may have been booked on the other side of the period's edge, and where it is still open, it is shown beside
//! its line as what *could* explain a difference.
//!
//! The journal is read in pages: what is held grows with the lines, not with the rows.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;

use super::cashup::{Cashup, CashupGroup, CashupLine, Period};
use super::catalogue::{Catalogue, Price, plain};
use super::client::Client;
use super::rows::UnreadRow;
use super::vouchers;
use crate::domain::{Date, ProductId, Reference, Timestamp};
use crate::error::ReadError;
use crate::journal::{Arrived, Ending, Entry, JournalError, Which};

/// How many rows of the journal are read at once.
const PAGE: usize = 1000;
/// How many references of suspects are named for each line.
const NAMED_MAX: usize = 100;
/// A request that nobody answered is not booked later than this after it was sent.
const BOOKED_WITHIN: Duration = Duration::from_secs(15 * 60);

/// How many, and for how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Total {
    /// How many sales.
    pub count: i64,
    /// Their retail amount in rand; above zero for sales.
    pub amount: Decimal,
}

impl Total {
    pub(super) fn add(&mut self, amount: Decimal) {
        self.take(Self { count: 1, amount });
    }

    fn take(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.amount = self.amount.saturating_add(other.amount);
    }
}

/// Sales that could explain a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suspects {
    /// How many, and for how much.
    pub total: Total,
    /// Their references, up to 100 of them.
    pub references: Vec<Reference>,
}

impl Suspects {
    fn add(&mut self, total: Total, reference: &Reference) {
        self.total.take(total);
        if self.references.len() < NAMED_MAX {
            self.references.push(reference.clone());
        }
    }
}

/// How the two sides of a line stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Agreement {
    /// Count and amount are the same.
    Agrees,
    /// Both have it, with another count or amount: what the cashup has more than the journal (less, if below zero).
    Differs(Total),
    /// The journal has no such sale.
    OnlyInCashup,
    /// The cashup has no such line.
    OnlyInJournal,
    /// Neither has it: only open sales, or sales beyond the edge, are of this line.
    InNeither,
}

/// What was sold of one kind, on both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReconciledLine {
    /// The cashup's name for it; where the cashup has no such line, the catalogue's name of the network, else the product or operation.
    pub name: String,
    /// What the cashup has.
    pub cashup: Option<Total>,
    /// What the journal has vended.
    pub journal: Option<Total>,
    /// Sales without an end, not counted: if they were sold, only the cashup has them.
    pub open: Suspects,
    /// Vended and counted, but possibly booked outside the period.
    pub edge_inside: Suspects,
    /// Vended and not counted, but possibly booked inside the period.
    pub edge_outside: Suspects,
}

impl ReconciledLine {
    /// How the two sides stand to each other.
    #[must_use]
    pub fn agreement(&self) -> Agreement {
        match (self.cashup, self.journal) {
            (Some(cashup), Some(journal)) if cashup == journal => Agreement::Agrees,
            (Some(_), Some(_)) => Agreement::Differs(self.difference()),
            (Some(_), None) => Agreement::OnlyInCashup,
            (None, Some(_)) => Agreement::OnlyInJournal,
            (None, None) => Agreement::InNeither,
        }
    }

    /// What the cashup has more than the journal.
    #[must_use]
    pub fn difference(&self) -> Total {
        let (cashup, journal) = (
            self.cashup.unwrap_or_default(),
            self.journal.unwrap_or_default(),
        );
        Total {
            count: cashup.count.saturating_sub(journal.count),
            amount: cashup.amount.saturating_sub(journal.amount),
        }
    }

    /// Whether there is no difference, or one that is not larger than what the suspects could make. That they did is for an enquiry to say.
    #[must_use]
    pub fn could_be_explained(&self) -> bool {
        let difference = self.difference();
        let (open, inside, outside) = (
            self.open.total,
            self.edge_inside.total,
            self.edge_outside.total,
        );
        (-inside.count..=open.count.saturating_add(outside.count)).contains(&difference.count)
            && (-inside.amount..=open.amount.saturating_add(outside.amount))
                .contains(&difference.amount)
    }
}

/// A cashup held against the journal.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reconciliation {
    /// Which days.
    pub period: Period,
    /// What was sold, kind by kind, in the order of their names.
    pub lines: Vec<ReconciledLine>,
    /// Lines of the cashup that no sale is behind: balances, deposits, profit.
    pub not_sales: Vec<CashupLine>,
    /// Lines of sales in the cashup without a name, a count or an amount: they could not be compared.
    pub incomplete: Vec<CashupLine>,
    /// Rows of the cashup that cannot be understood.
    pub unread: Vec<UnreadRow>,
}

impl Reconciliation {
    /// Whether every line agrees, and every line was compared.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let agree = |line: &ReconciledLine| {
            matches!(line.agreement(), Agreement::Agrees | Agreement::InNeither)
        };
        self.lines.iter().all(agree) && self.incomplete.is_empty() && self.unread.is_empty()
    }

    /// The lines that do not agree.
    pub fn differences(&self) -> impl Iterator<Item = &ReconciledLine> {
        self.lines
            .iter()
            .filter(|line| !matches!(line.agreement(), Agreement::Agrees | Agreement::InNeither))
    }
}

/// Why nothing could be reconciled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReconcileError {
    /// The cashup or the catalogue could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The journal could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Client {
    /// Holds the cashup of a period against the journal, line by line. Reads only, and changes nothing; a difference is for a person, with
    /// [`enquire`](Self::enquire) and [`recover`](Self::recover) at hand.
    ///
    /// The journal must reach back as far: it forgets what has ended long ago (30 days, unless set otherwise). Sales that other journals
    /// made for the same account are only in the cashup.
    ///
    /// # Errors
    /// When the cashup, the catalogue or the journal cannot be read.
    pub async fn reconcile(&self, period: Period) -> Result<Reconciliation, ReconcileError> {
        let catalogue = self.catalogue().await?;
        let asked_at = self.lines().ambient.now();
        let cashup = self.cashup(period).await?;
        let told_at = self.lines().ambient.now();
        let mut reckoning = Reckoning::new(period, cashup, &catalogue, asked_at, told_at);
        let mut after = None;
        loop {
            let page = self.journal().list(Which::All, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.intent.key());
            for entry in page.iter().filter(|entry| self.owns(entry)) {
                reckoning.take(entry);
            }
        }
        Ok(reckoning.done())
    }
}

/// The work of a reconciliation.
struct Reckoning<'a> {
    catalogue: &'a Catalogue,
    /// The cashup was made between these.
    asked_at: Timestamp,
    told_at: Timestamp,
    /// By the plain form of their names.
    lines: BTreeMap<String, ReconciledLine>,
    told: Reconciliation,
}

/// Where a sale stands to the period.
struct Bounds {
    inside: bool,
    clear: bool,
}

impl<'a> Reckoning<'a> {
    fn new(
        period: Period,
        cashup: Cashup,
        catalogue: &'a Catalogue,
        asked_at: Timestamp,
        told_at: Timestamp,
    ) -> Self {
        let mut reckoning = Self {
            catalogue,
            asked_at,
            told_at,
            lines: BTreeMap::new(),
            told: Reconciliation {
                period,
                lines: Vec::new(),
                not_sales: Vec::new(),
                incomplete: Vec::new(),
                unread: cashup.unread,
            },
        };
        for line in cashup.lines {
            reckoning.take_line(line);
        }
        reckoning
    }

    /// A line of the cashup.
    fn take_line(&mut self, line: CashupLine) {
        if !matches!(line.group, CashupGroup::Recharges | CashupGroup::Other(_)) {
            self.told.not_sales.push(line);
            return;
        }
        match (&line.item, line.count, line.amount) {
            (Some(item), Some(count), Some(amount)) => {
                let of_item = self.lines.entry(known_as(item)).or_default();
                if of_item.name.is_empty() {
                    of_item.name.clone_from(item);
                }
                let total = of_item.cashup.get_or_insert_default();
                total.count = total.count.saturating_add(i64::from(count));
                // Sales are below zero there.
                total.amount = total.amount.saturating_sub(amount);
            }
            _ => self.told.incomplete.push(line),
        }
    }

    /// A row of the journal.
    fn take(&mut self, entry: &Entry) {
        let Some(end) = &entry.end else {
            return self.take_open(entry);
        };
        let Some(sent_at) = earliest(entry).filter(|sent_at| *sent_at < self.told_at) else {
            return;
        };
        if end.ending != Ending::Vended {
            return;
        }
        let bounds = self.bounds(sent_at, end.at);
        if !bounds.inside && bounds.clear {
            return;
        }
        let charged = self.charged(entry);
        let line = self.line(entry);
        if bounds.inside {
            line.journal.get_or_insert_default().take(charged);
        }
        match (bounds.clear, bounds.inside) {
            (true, _) => {}
            (false, true) => line.edge_inside.add(charged, &entry.intent.reference),
            (false, false) => line.edge_outside.add(charged, &entry.intent.reference),
        }
    }

    fn take_open(&mut self, entry: &Entry) {
        let (Some(first), Some(last)) = (earliest(entry), entry.in_doubt()) else {
            return;
        };
        let period = self.told.period;
        let booked_from = Date::in_south_africa(first);
        let booked_to = Date::in_south_africa(last.started_at + BOOKED_WITHIN);
        if first >= self.told_at || booked_from > period.to() || booked_to < period.from() {
            return;
        }
        let charged = self.charged(entry);
        let line = self.line(entry);
        line.open.add(charged, &entry.intent.reference);
    }

    /// A sale that was sent at one moment and known to be sold at another counts by the first. It is clear where the other makes no
    /// difference.
    fn bounds(&self, sent_at: Timestamp, sold_by: Timestamp) -> Bounds {
        let period = self.told.period;
        let (sent_on, sold_on) = (
            Date::in_south_africa(sent_at),
            Date::in_south_africa(sold_by),
        );
        let inside = period.contains(sent_on);
        let clear = if inside {
            // The cashup was perhaps made before it.
            sold_on <= period.to() && sold_by < self.asked_at
        } else {
            sent_on > period.to() || sold_on < period.from()
        };
        Bounds { inside, clear }
    }

    /// What was charged: for a fixed price that price, whatever the order said; for vouchers as often as they were ordered.
    fn charged(&self, entry: &Entry) -> Total {
        let product = ProductId::new(entry.intent.product).ok();
        let each = match product.and_then(|id| Some(self.catalogue.product(id)?.price)) {
            Some(Price::Fixed(price)) => price,
            _ => entry.intent.amount,
        };
        // What is sold singly has no quantity.
        let count = vouchers::quantity(&entry.intent).max(1);
        Total {
            count: count.into(),
            amount: each * Decimal::from(count),
        }
    }

    /// The line that a sale belongs to: the cashup's, by the name of the product or of its network; else one of its own.
    fn line(&mut self, entry: &Entry) -> &mut ReconciledLine {
        let intent = &entry.intent;
        let product = ProductId::new(intent.product).ok();
        let product = product.and_then(|id| self.catalogue.product(id));
        let operation = intent.operation.trim_start_matches("create").to_owned();
        let own = match (
            product.and_then(|product| product.network.clone()),
            intent.product,
        ) {
            (Some(network), _) => network,
            (None, 0) => operation,
            (None, id) => format!("product {id}"),
        };
        let key = product
            .into_iter()
            .flat_map(|product| [known_as(&product.name), known_as(&product.description)])
            .find(|key| {
                let line = self.lines.get(key);
                !key.is_empty() && line.is_some_and(|line| line.cashup.is_some())
            })
            .unwrap_or_else(|| known_as(&own));
        let line = self.lines.entry(key).or_default();
        if line.name.is_empty() {
            line.name = own;
        }
        line
    }

    fn done(self) -> Reconciliation {
        let mut lines: Vec<_> = self.lines.into_values().collect();
        lines.sort_by(|one, other| one.name.cmp(&other.name));
        Reconciliation { lines, ..self.told }
    }
}

/// When the first request that may have arrived was sent.
fn earliest(entry: &Entry) -> Option<Timestamp> {
    let arrived = |attempt: &&crate::journal::Attempt| attempt.arrived != Some(Arrived::No);
    let mut sent = entry.attempts.iter().filter(arrived);
    sent.next().map(|attempt| attempt.started_at)
}

/// One key for the names of one thing: the cashup has short ones.
fn known_as(name: &str) -> String {
    match plain(name).as_str() {
        "vod" => "vodacom".into(),
        "virgin" => "virginmobile".into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests;
