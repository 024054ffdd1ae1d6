//! The batch recharge, `POST /smartload/recharges/batch` (chapter 10 h): **many sales travel in one request, and each is settled by itself.**
//!
//! Class: like the asynchronous recharge. A batch whose answer is lost is never sent again: every one of its sales is enquired about under its
//! own reference. One of which it is proved that it never left goes alone, as a batch of one.
//!
//! An answer speaks of a sale only where it names its reference. Then, in this order:
//!
//! | the answer | the sale |
//! |---|---|
//! | its row says SUCCESS, or a pending code of Table 3, whatever the batch says | pending |
//! | its row says that it failed, and the batch says PART_SUCCESS or FAILURE | refused, as in [`classify`](super::classify) |
//! | its row says that it failed, and the batch says anything else | refused once rule Q agrees; in doubt if the batch says SUCCESS |
//! | no row names it, or several do | in doubt |
//! | the whole request is refused (HTTP 400, BATCH_LIMIT_EXCEEDED) | refused once rule Q agrees: some may have been taken in before |

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use recharge_bindings::smartcall::types;
use tokio::task::JoinSet;

use super::asynchronous::{plain, request};
use super::classify::{Success, judge};
use super::client::Client;
use super::goods;
use super::order::RechargeOrder;
use super::reading::{self, Body, Reading};
use super::recharges::answered;
use super::sales::{Counter, not_sent};
use crate::error::{Error, Invalid};
use crate::journal::Intent;
use crate::outcome::Outcome;
use crate::recovery::{Class, Delivery, Doubt, Verdict, Witness};
use crate::transport::delivery;

/// The operation, by its name in the document.
pub(super) const BATCH: &str = "createRechargeBatch";

/// What may be done about a lost answer.
pub(super) const CLASSES: &[(&str, Class)] = &[(BATCH, Class::EnquirableOnly)];

/// How many recharges the service takes in one request (Table 1: BATCH_LIMIT_EXCEEDED).
const BATCH_MAX: usize = 100;

/// How many requests are under way at once. Each is worked on until its last sale has ended or the time is up.
const BATCHES_AT_ONCE: usize = 16;

impl Client {
    /// Recharges many subscribers, up to 100 in each request (`POST /smartload/recharges/batch`, chapter 10 h): each journaled first, and
    /// each told by itself, in the order of `orders`. As with [`submit`](Self::submit), taken in is not done: each is enquired about until
    /// its status is final or the time is up.
    ///
    /// The references must differ, and every order must be one that [`submit`](Self::submit) takes: otherwise **nothing at all is sent**, and
    /// each order is told why. An order whose reference is in the journal is carried on by itself, not sold again, also then.
    ///
    /// # Errors
    /// Each as [`recharge`](Self::recharge): of that order **no money moved**.
    pub async fn recharge_batch(&self, orders: &[RechargeOrder]) -> Vec<Result<Outcome, Error>> {
        if let Err(invalid) = sellable(orders) {
            return self.carried_on(orders, &invalid).await;
        }
        let now = self.wall();
        let mut told: Vec<Option<Result<Outcome, Error>>> = orders.iter().map(|_| None).collect();
        let mut tasks = JoinSet::new();
        for (number, batch) in orders.chunks(BATCH_MAX).enumerate() {
            if tasks.len() >= BATCHES_AT_ONCE {
                take_in(&mut tasks, &mut told).await;
            }
            let intents = batch
                .iter()
                .map(|order| order.intent(BATCH, self.payer(), now))
                .collect();
            let driver = Arc::clone(self.driver());
            tasks.spawn(async move { (number * BATCH_MAX, driver.sell_together(intents).await) });
        }
        while !tasks.is_empty() {
            take_in(&mut tasks, &mut told).await;
        }
        let crashed = |order: &RechargeOrder| {
            let intent = order.intent(BATCH, self.payer(), now);
            self.driver().crashed(intent)
        };
        told.into_iter()
            .zip(orders)
            .map(|(told, order)| told.unwrap_or_else(|| Ok(crashed(order))))
            .collect()
    }
}

impl Client {
    /// Of orders that are not sent: what became of those that were sent before, and of the others why they are not.
    async fn carried_on(
        &self,
        orders: &[RechargeOrder],
        invalid: &Invalid,
    ) -> Vec<Result<Outcome, Error>> {
        let mut told = Vec::with_capacity(orders.len());
        for order in orders {
            let unsent = match self.journaled(order.reference()).await {
                Ok(entry) => entry.is_none_or(|entry| entry.is_unsent()),
                // Whether it was sent before cannot be told; the driver says so.
                Err(_) => false,
            };
            told.push(if unsent {
                Err(invalid.clone().into())
            } else {
                let intent = order.intent(BATCH, self.payer(), self.wall());
                self.driver().sell(intent).await
            });
        }
        told
    }
}

/// What a batch came to, with the place of its first order.
type Batch = (usize, Vec<Result<Outcome, Error>>);

async fn take_in(tasks: &mut JoinSet<Batch>, told: &mut [Option<Result<Outcome, Error>>]) {
    if let Some(Ok((first, outcomes))) = tasks.join_next().await {
        for (place, outcome) in told.iter_mut().skip(first).zip(outcomes) {
            *place = Some(outcome);
        }
    }
}

/// Two orders with one reference would be one sale, or none, as the service pleases.
fn sellable(orders: &[RechargeOrder]) -> Result<(), Invalid> {
    let mut references = HashSet::with_capacity(orders.len());
    for order in orders {
        plain(order)?;
        if !references.insert(order.reference()) {
            return Err(Invalid::new(
                "reference",
                "must differ from every other of the batch",
            ));
        }
    }
    Ok(())
}

/// Sends a batch once; a verdict for each, in their order.
pub(super) async fn send(counter: Counter<'_>, intents: &[&Intent]) -> Vec<Verdict> {
    let Ok(requests) = intents
        .iter()
        .map(|intent| request(intent))
        .collect::<Result<Vec<_>, _>>()
    else {
        return each(intents, &not_sent("a row of the journal cannot be sent"));
    };
    let request = types::BatchRechargeRequest {
        recharge_requests: requests.into(),
        ..types::BatchRechargeRequest::default()
    };
    let answer = counter.deliver(counter.bindings.create_recharge_batch(&request));
    match answered(answer.await, read) {
        Delivery::Answered(read) => {
            read.rows().for_each(|row| counter.show(&row));
            read.verdicts(intents)
        }
        Delivery::NotSent(obstacle) => each(intents, &Verdict::NotSent(obstacle)),
        Delivery::MaybeSent(loss) => each(intents, &Verdict::Ambiguous(Doubt::Lost(loss))),
    }
}

/// Sends one alone, as a batch of one.
pub(super) async fn send_alone(counter: Counter<'_>, intent: &Intent) -> Verdict {
    let mut verdicts = send(counter, &[intent]).await;
    verdicts.pop().unwrap_or_else(|| in_doubt("no verdict"))
}

fn each(intents: &[&Intent], verdict: &Verdict) -> Vec<Verdict> {
    intents.iter().map(|_| verdict.clone()).collect()
}

/// What the answer says of the batch, and of each sale by its reference.
struct Read {
    batch: Reading,
    /// `None` where several rows name the reference.
    rows: HashMap<String, Option<Body>>,
}

fn read(answer: delivery::Answer<types::BatchRechargeResponse>) -> Read {
    let parsed = match &answer.body {
        delivery::Body::Typed(body) => goods::each(&body.recharge_responses),
        delivery::Body::Raw(bytes) => serde_json::from_slice(bytes)
            .ok()
            .and_then(|body: types::BatchRechargeResponse| goods::each(&body.recharge_responses)),
    };
    let mut rows = HashMap::new();
    for row in parsed.into_iter().flatten().flatten() {
        let written = serde_json::to_vec(&row).unwrap_or_default();
        if let Some(reference) = reading::text(&row.client_reference) {
            rows.entry(reference)
                .and_modify(|row| *row = None)
                .or_insert_with(|| Some(reading::raw_body(&written)));
        }
    }
    Read {
        batch: reading::coded(answer),
        rows,
    }
}

impl Read {
    fn verdicts(&self, intents: &[&Intent]) -> Vec<Verdict> {
        let whole = self.whole();
        intents
            .iter()
            .map(|intent| match self.rows.get(intent.reference.as_str()) {
                Some(Some(row)) => self.row(row),
                Some(None) => in_doubt("several rows of the batch name it"),
                None => whole.clone(),
            })
            .collect()
    }

    /// What holds of a sale that no row names.
    fn whole(&self) -> Verdict {
        match judge(Delivery::Answered(self.batch.clone()), Success::CodeTakenIn) {
            // Who was not let in was not let in as a whole.
            refused @ (Verdict::TokenRefused | Verdict::Denied(_)) => refused,
            Verdict::Refused(refusal, witness) => {
                let set_up = self.batch.status == 403;
                let least = if set_up { witness } else { Witness::Windows };
                Verdict::Refused(refusal, witness.max(least))
            }
            Verdict::Ambiguous(doubt) => Verdict::Ambiguous(doubt),
            Verdict::Pending { .. } | Verdict::Vended(_) | Verdict::NotSent(_) => {
                in_doubt("the answer to the batch leaves this one out")
            }
        }
    }

    fn rows(&self) -> impl Iterator<Item = Reading> {
        let rows = self.rows.values().flatten();
        rows.map(|row| self.reading(row))
    }

    fn reading(&self, row: &Body) -> Reading {
        Reading {
            body: row.clone(),
            ..self.batch.clone()
        }
    }

    fn row(&self, row: &Body) -> Verdict {
        let reading = self.reading(row);
        let batch = self.batch.body.said().response_code;
        match judge(Delivery::Answered(reading), Success::CodeTakenIn) {
            Verdict::Refused(refusal, witness) => match batch.as_deref() {
                Some("PART_SUCCESS" | "FAILURE") => Verdict::Refused(refusal, witness),
                Some("SUCCESS") => in_doubt("indicators that disagree"),
                _ => Verdict::Refused(refusal, Witness::Windows),
            },
            verdict => verdict,
        }
    }
}

fn in_doubt(what: &str) -> Verdict {
    Verdict::Ambiguous(Doubt::Unlisted(what.into()))
}

#[cfg(test)]
mod tests;
