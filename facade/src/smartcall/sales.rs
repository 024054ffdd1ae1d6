//! **The rule: every sale goes through one driver.** Which operation sends it, and what may be done about it, is looked up here by the name that
//! the journal keeps; how it is sent, and what its answer means, stands in the file of its group.

use std::sync::Arc;

use progenitor_client::{Error, ResponseValue};
use recharge_bindings::smartcall::Client as Bindings;
use rust_decimal::Decimal;

use super::accounts;
use super::classify::{self, Success};
use super::login::Login;
use super::reading::{Body as Said, Reading};
use super::{
    asynchronous, batches, enquiries, goods, monice, orders, payments, recharges, transfers,
    vouchers,
};
use crate::balance::Board;
use crate::driver::Provider;
use crate::journal::Intent;
use crate::recovery::{Class, Delivery, Facts, Finding, Host, Obstacle, Verdict};
use crate::transport::delivery::Answer;
use crate::transport::line::Lines;

/// All that sells through one account.
pub(super) struct Sales {
    pub(super) lines: Arc<Lines<Login>>,
    /// The bindings pinned to each host.
    pub(super) hosts: Vec<Bindings>,
    /// Where balances are shown.
    pub(super) board: Arc<Board<()>>,
}

/// One host, to send one sale to.
#[derive(Clone, Copy)]
pub(super) struct Counter<'a> {
    pub(super) lines: &'a Lines<Login>,
    pub(super) board: &'a Board<()>,
    pub(super) bindings: &'a Bindings,
    pub(super) host: Host,
}

impl Provider for Sales {
    fn facts(&self, intent: &Intent) -> Facts {
        Facts {
            hosts: self.lines.hosts.count(),
            class: class(intent),
            history: enquiries::HISTORY,
            history_by_provider_reference: enquiries::HISTORY_BY_SMARTLOAD_REFERENCE,
        }
    }

    fn host_name(&self, host: Host) -> Arc<str> {
        self.lines.hosts.name(host)
    }

    fn host_named(&self, name: &str) -> Option<Host> {
        self.lines.hosts.named(name)
    }

    fn prefer(&self, host: Host) -> Host {
        let lines = &self.lines;
        lines.hosts.health.prefer(host, lines.ambient.now())
    }

    async fn ready(&self, host: Host) -> Result<(), Verdict> {
        self.lines.ready(host).await
    }

    async fn balance_before(&self, intent: &Intent, host: Host) -> Option<Decimal> {
        if class(intent) != Class::Blind {
            return None;
        }
        let counter = self.counter(host)?;
        let answer = counter.deliver(counter.bindings.get_balance(&intent.account));
        accounts::success(Box::pin(answer).await)
            .ok()?
            .balance
            .into_value()
    }

    async fn send(&self, intent: &Intent, host: Host) -> Verdict {
        let Some(counter) = self.counter(host) else {
            return not_sent("there is no such host");
        };
        // The rarer ones by themselves on the heap: else every sale's task were as large as the largest of them.
        match &*intent.operation {
            recharges::SYNC => recharges::send(counter, intent).await,
            asynchronous::ASYNC => Box::pin(asynchronous::send(counter, intent)).await,
            batches::BATCH => Box::pin(batches::send_alone(counter, intent)).await,
            transfers::TRANSFER => Box::pin(transfers::send(counter, intent)).await,
            payments::EASYPAY => Box::pin(payments::send_easypay(counter, intent)).await,
            payments::DSTV => Box::pin(payments::send_dstv(counter, intent)).await,
            monice::RECHARGE => Box::pin(monice::send(counter, intent)).await,
            orders::ORDER => Box::pin(orders::send(counter, intent)).await,
            vouchers::PURCHASE => Box::pin(vouchers::send(counter, intent)).await,
            _ => not_sent("the journal's row is of an operation that is not known here"),
        }
    }

    async fn send_together(&self, intents: &[&Intent], host: Host) -> Vec<Verdict> {
        match self.counter(host) {
            Some(counter) => batches::send(counter, intents).await,
            None => Vec::new(),
        }
    }

    async fn enquire(
        &self,
        intent: &Intent,
        smartload_reference: Option<&str>,
        host: Host,
    ) -> Finding {
        if class(intent) == Class::Blind {
            return Finding::Inconclusive("no enquiry finds it".into());
        }
        let counters = self.counters(host);
        Box::pin(goods::enquire(&counters, intent, smartload_reference)).await
    }
}

impl Sales {
    /// All hosts, this one first.
    pub(super) fn counters(&self, first: Host) -> Vec<Counter<'_>> {
        let count = self.lines.hosts.count();
        std::iter::successors(Some(first), |host| Some(host.next(count)))
            .take(count.into())
            .filter_map(|host| self.counter(host))
            .collect()
    }

    pub(super) fn counter(&self, host: Host) -> Option<Counter<'_>> {
        Some(Counter {
            lines: &self.lines,
            board: &self.board,
            bindings: self.hosts.get(usize::from(host.0))?,
            host,
        })
    }
}

impl Counter<'_> {
    /// Sends one request, and lets the token cache know how its token fared.
    pub(super) fn deliver<T>(
        &self,
        sending: impl Future<Output = Result<ResponseValue<T>, Error<()>>>,
    ) -> impl Future<Output = Delivery<Answer<T>>> {
        self.lines.deliver(self.host, sending)
    }
}

impl Counter<'_> {
    /// Reads the answer to a sale, and shows the balance that it carries.
    pub(super) fn judge(&self, delivery: Delivery<Reading>, success: Success) -> Verdict {
        if let Delivery::Answered(reading) = &delivery {
            self.show(reading);
        }
        classify::judge(delivery, success)
    }

    /// Shows the balance that a success carries.
    pub(super) fn show(&self, reading: &Reading) {
        if let (200, Said::Sale { said, vend }) = (reading.status, &reading.body)
            && (said.is_success() || said.is_code_success())
            && let Some(balance) = vend.balance
        {
            self.board.feed(&(), balance, self.lines.ambient.now());
        }
    }
}

/// A verdict for what cannot be sent at all.
pub(super) fn not_sent(why: &str) -> Verdict {
    Verdict::NotSent(Obstacle(why.into()))
}

/// The class of the operation by which this is sold. One that is not known is never sent, and never sent again.
fn class(intent: &Intent) -> Class {
    if *intent.operation == *recharges::SYNC {
        return recharges::class(intent.product);
    }
    super::classes()
        .find(|(operation, _)| **operation == *intent.operation)
        .map_or(Class::EnquirableOnly, |(_, class)| class)
}
