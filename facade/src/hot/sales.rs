//! **The rule: every sale goes through one driver, and none is ever sent twice.**

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use progenitor_client::{Error, ResponseValue};
use recharge_bindings::hot::Client as Bindings;

use super::classify::Reading;
use super::login::Login;
use super::reading::Body;
use super::wallet::Wallet;
use super::{enquiries, recharges};
use crate::balance::Board;
use crate::domain::{Reference, Timestamp};
use crate::driver::Provider;
use crate::journal::Intent;
use crate::recovery::{Class, Delivery, Facts, Finding, Host, Obstacle, Verdict};
use crate::transport::delivery::Answer;
use crate::transport::line::Lines;

/// All that sells through one access code.
pub(super) struct Sales {
    pub(super) lines: Arc<Lines<Login>>,
    /// The bindings pinned to the host.
    pub(super) bindings: Bindings,
    pub(super) board: Board<Wallet>,
    pub(super) failures: Failures,
}

/// When a failure that may be pending was first seen. What a process has forgotten is seen anew.
pub(super) type Failures = Mutex<HashMap<Reference, Timestamp>>;

/// The host, to send one sale to.
#[derive(Clone, Copy)]
pub(super) struct Counter<'a> {
    pub(super) lines: &'a Lines<Login>,
    pub(super) bindings: &'a Bindings,
    board: &'a Board<Wallet>,
    failures: &'a Failures,
}

/// How many failures are remembered. Few are ever open; a bound keeps a long life small.
const FAILURES_MAX: usize = 100_000;

/// The only host.
pub(super) const HOST: Host = Host(0);

impl Provider for Sales {
    fn facts(&self, _: &Intent) -> Facts {
        Facts {
            hosts: self.lines.hosts.count(),
            // Whatever the journal's row says.
            class: Class::EnquirableOnly,
            history: enquiries::HISTORY,
            history_by_provider_reference: enquiries::HISTORY,
        }
    }

    fn sells(&self, intent: &Intent) -> bool {
        recharges::manner(intent).sells
    }

    fn host_name(&self, host: Host) -> Arc<str> {
        self.lines.hosts.name(host)
    }

    fn host_named(&self, name: &str) -> Option<Host> {
        self.lines.hosts.named(name)
    }

    async fn ready(&self, host: Host) -> Result<(), Verdict> {
        self.lines.ready(host).await
    }

    async fn send(&self, intent: &Intent, _: Host) -> Verdict {
        // On the heap: every sale's task would carry the largest of these along.
        Box::pin(recharges::send(self.counter(), intent)).await
    }

    async fn enquire(&self, intent: &Intent, _: Option<&str>, _: Host) -> Finding {
        enquiries::enquire(self.counter(), intent).await
    }
}

impl Sales {
    pub(super) fn counter(&self) -> Counter<'_> {
        Counter {
            lines: &self.lines,
            bindings: &self.bindings,
            board: &self.board,
            failures: &self.failures,
        }
    }
}

impl Counter<'_> {
    /// Sends one request, and lets the token cache know how its token fared.
    pub(super) fn deliver<T>(
        &self,
        sending: impl Future<Output = Result<ResponseValue<T>, Error<()>>>,
    ) -> impl Future<Output = Delivery<Answer<T>>> {
        self.lines.deliver(HOST, sending)
    }

    /// When a failure of this sale was first seen: now, if it was not.
    pub(super) fn seen_failed(&self, reference: &Reference) -> Timestamp {
        let now = self.lines.ambient.now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= FAILURES_MAX {
            // Whatever is forgotten waits longer.
            failures.clear();
        }
        *failures.entry(reference.clone()).or_insert(now)
    }

    /// Takes the balance in that an answer just brought.
    pub(super) fn feed(&self, answer: &Delivery<Reading>) {
        if let Delivery::Answered(Reading {
            status: 200,
            body: Body::Told(told),
            ..
        }) = answer
            && let (Some(wallet), Some(balance)) = (told.wallet, told.vend.balance)
        {
            self.board.feed(&wallet, balance, self.lines.ambient.now());
        }
    }
}

/// A verdict for what cannot be sent at all.
pub(super) fn not_sent(why: &str) -> Verdict {
    Verdict::NotSent(Obstacle(why.into()))
}

/// The same delivery, with its answer read.
pub(super) fn answered<A, B>(delivery: Delivery<A>, read: impl FnOnce(A) -> B) -> Delivery<B> {
    match delivery {
        Delivery::NotSent(obstacle) => Delivery::NotSent(obstacle),
        Delivery::MaybeSent(loss) => Delivery::MaybeSent(loss),
        Delivery::Answered(answer) => Delivery::Answered(read(answer)),
    }
}
