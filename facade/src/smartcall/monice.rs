//! **The rule: one query, one recharge, within four hours.** (Chapters 10 x and 10 y.)
//!
//! Telkom makes up to ten bundles for each subscriber. A query leaves a reference at the service, which is good for one recharge within four
//! hours; so [`MoniceOffers`] cannot be copied and is consumed by the order that is made of it. Amounts are in **cents**, here only.
//!
//! Class: nothing says that the service refuses a reference that it has seen, so a lost recharge is enquired about and never made again.
//! The shape of its answer is a guess: `statusCode` 0 is a sale; SUCCESS alone is taken in, and final by enquiry.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::accounts::success;
use super::classify::Success;
use super::client::Client;
use super::goods::{self, each, number};
use super::reading::{self, Reading, StatusCode, text};
use super::recharges::answered;
use super::sales::{Counter, not_sent};
use crate::domain::{Cents, Msisdn, Reference, Timestamp};
use crate::error::{Error, Invalid, ReadError};
use crate::journal::{Intent, Service};
use crate::outcome::Outcome;
use crate::recovery::{Class, Delivery, Verdict};
use crate::transport::delivery::delivery;

/// The recharge, by its name in the document.
pub(super) const RECHARGE: &str = "rechargeMonice";

/// The query leaves a reference at the service, and nothing else: asked again, it leaves another.
pub(super) const CLASSES: &[(&str, Class)] = &[
    (RECHARGE, Class::EnquirableOnly),
    ("queryMonice", Class::Read),
];

/// How long an offer is good for (chapter 10 x).
const OFFERED_FOR: Duration = Duration::from_secs(4 * 60 * 60);

/// The bundles that Telkom offers a subscriber, for four hours and one recharge. Another query for the same subscriber may void them.
#[derive(Debug)]
#[must_use = "a query is good for one recharge"]
pub struct MoniceOffers {
    msisdn: Msisdn,
    bundles: Vec<MoniceBundle>,
    unreadable: usize,
    asked_at: Timestamp,
    wall: Timestamp,
}

/// One bundle.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct MoniceBundle {
    /// Its id.
    pub id: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// What it costs, in cents.
    pub amount: Cents,
    /// The id as it came: a text or a number.
    raw_id: String,
}

/// The recharge of a subscriber with a bundle that was offered. The only one that its query is good for, so it cannot be copied.
#[must_use = "an order does nothing until it is sold"]
pub struct MoniceOrder {
    reference: Reference,
    msisdn: Msisdn,
    amount: Cents,
    options: Options,
    asked_at: Timestamp,
}

/// What else the journal keeps.
#[derive(Debug, Serialize, Deserialize)]
struct Options {
    /// The bundle's id (JSON).
    bundle: String,
    /// When it was offered, by the wall clock.
    offered_at: Timestamp,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    send_sms: bool,
}

impl MoniceOffers {
    /// Who is offered them.
    #[must_use]
    pub fn msisdn(&self) -> Msisdn {
        self.msisdn
    }

    /// The bundles, as far as they can be read; there may be none.
    #[must_use]
    pub fn bundles(&self) -> &[MoniceBundle] {
        &self.bundles
    }

    /// How many bundles of the answer cannot be read.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// Orders a bundle, with a new random reference. Uses the query up.
    ///
    /// # Errors
    /// When no bundle of this id is offered.
    pub fn choose(self, id: &str) -> Result<MoniceOrder, Invalid> {
        self.choose_with_reference(id, Reference::random())
    }

    /// The same with a reference of the caller's own. **One reference is one sale.**
    ///
    /// # Errors
    /// When no bundle of this id is offered.
    pub fn choose_with_reference(
        self,
        id: &str,
        reference: Reference,
    ) -> Result<MoniceOrder, Invalid> {
        let bundle = self.bundles.into_iter().find(|bundle| bundle.id == id);
        let bundle = bundle.ok_or(Invalid::new(
            "bundle",
            "must be one of those that are offered",
        ))?;
        Ok(MoniceOrder {
            reference,
            msisdn: self.msisdn,
            amount: bundle.amount,
            options: Options {
                bundle: bundle.raw_id,
                offered_at: self.wall,
                send_sms: false,
            },
            asked_at: self.asked_at,
        })
    }
}

impl MoniceOrder {
    /// Lets the service send the subscriber an SMS.
    pub fn with_sms(mut self) -> Self {
        self.options.send_sms = true;
        self
    }

    /// The reference: keep it before the order is sent.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Who is recharged.
    #[must_use]
    pub fn msisdn(&self) -> Msisdn {
        self.msisdn
    }

    /// What it costs, in cents.
    #[must_use]
    pub fn amount(&self) -> Cents {
        self.amount
    }

    fn intent(&self, account: Arc<str>, now: Timestamp) -> Intent {
        Intent {
            service: Service::Smartcall,
            account,
            reference: self.reference.clone(),
            operation: RECHARGE.into(),
            target: self.msisdn.to_string().into(),
            // A bundle is no product of the catalogue.
            product: 0,
            amount: self.amount.rand(),
            // A text, a number and a truth value: they always serialise.
            options: serde_json::to_string(&self.options)
                .unwrap_or_default()
                .into(),
            created_at: now,
        }
    }
}

impl fmt::Debug for MoniceOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MoniceOrder")
            .field("reference", &self.reference)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Asks which bundles Telkom offers a subscriber (`GET /smartload/monice/query/{msisdn}`, chapter 10 x).
    ///
    /// # Errors
    /// When the service does not let us in, does not say, or does not answer.
    pub async fn monice_offers(&self, msisdn: Msisdn) -> Result<MoniceOffers, ReadError> {
        self.let_in().await?;
        // From before it was asked: an offer is never taken for younger than it is.
        let ambient = &self.lines().ambient;
        let (asked_at, wall) = (ambient.now(), ambient.wall());
        let answer = self.raw().query_monice(&msisdn.to_string()).await;
        let body = success(delivery(answer).await)?;
        goods::well(&body, &body.error, &body.response_code)?;
        let of: Option<Msisdn> = text(&body.msisdn).and_then(|msisdn| msisdn.parse().ok());
        if of.is_some_and(|of| of != msisdn) {
            return Err(ReadError::Unreadable(
                "answered about another number".into(),
            ));
        }
        let rows = match &body.bundles {
            Field::Absent | Field::Null => Vec::new(),
            bundles => each(bundles).ok_or_else(|| {
                ReadError::Unreadable("answered without a list of bundles".into())
            })?,
        };
        let bundles: Vec<_> = rows.iter().flatten().filter_map(bundle).collect();
        Ok(MoniceOffers {
            msisdn,
            unreadable: rows.len() - bundles.len(),
            bundles,
            asked_at,
            wall,
        })
    }

    /// Recharges a subscriber with a bundle that was offered (`POST /smartload/monice/recharge`, chapter 10 y): journaled first, sold at most
    /// once, recovered by enquiry. An order whose reference is in the journal is carried on, not sold again. The work goes on when the future
    /// is dropped.
    ///
    /// # Errors
    /// An error means that **no money moved**. An offer that is older than four hours is refused before anything is sent: query again.
    pub async fn recharge_monice(&self, order: &MoniceOrder) -> Result<Outcome, Error> {
        let ambient = &self.lines().ambient;
        let expired = ambient.now() - order.asked_at >= OFFERED_FOR;
        // One that the journal knows may have been sold, which no clock undoes.
        if expired && matches!(self.journaled(&order.reference).await, Ok(None)) {
            return Err(Invalid::new("offer", "must be at most 4 hours old: query again").into());
        }
        self.sell(order.intent(self.payer(), ambient.wall())).await
    }
}

fn bundle(row: &types::MoniceBundle) -> Option<MoniceBundle> {
    let (id, raw_id) = match &row.bundle_id {
        Field::Other(raw) if raw.get().bytes().all(|byte| byte.is_ascii_digit()) => {
            (raw.get().to_owned(), raw.get().to_owned())
        }
        id => {
            let sent = id.value().filter(|id| !id.trim().is_empty())?;
            (sent.trim().to_owned(), serde_json::to_string(sent).ok()?)
        }
    };
    Some(MoniceBundle {
        id,
        description: text(&row.description),
        amount: number(&row.amount).and_then(Cents::new)?,
        raw_id,
    })
}

/// Sells once. An offer that expired meanwhile, in a crash say, is not sent.
pub(super) async fn send(counter: Counter<'_>, intent: &Intent) -> Verdict {
    let options: Result<Options, _> = serde_json::from_str(&intent.options);
    let (Ok(options), Some(cents)) = (options, cents(intent.amount)) else {
        return not_sent("the journal's row cannot be sent");
    };
    if counter.lines.ambient.wall() - options.offered_at >= OFFERED_FOR {
        return not_sent("the offer is older than 4 hours");
    }
    let Ok(bundle_id) = bundle_id(options.bundle) else {
        return not_sent("the journal's row cannot be sent");
    };
    let request = types::MoniceRechargeRequest {
        smartload_id: intent.account.to_string().into(),
        client_reference: intent.reference.to_string().into(),
        msisdn: intent.target.to_string().into(),
        bundle_id,
        amount: cents.into(),
        send_sms: options.send_sms.then_some(true).into(),
        ..Default::default()
    };
    let answer = counter.deliver(counter.bindings.recharge_monice(&request));
    let delivery = answered(answer.await, reading::coded);
    let success = success_of(&delivery);
    counter.judge(delivery, success)
}

fn success_of(delivery: &Delivery<Reading>) -> Success {
    match delivery {
        Delivery::Answered(reading) if reading.body.said().status_code == StatusCode::None => {
            Success::CodeTakenIn
        }
        _ => Success::Sold,
    }
}

/// Rand as whole cents.
fn cents(rand: Decimal) -> Option<i32> {
    let cents = rand.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
    cents
        .is_integer()
        .then(|| cents.to_i32())
        .flatten()
        .filter(|cents| *cents > 0)
}

/// The id in the form in which it came.
fn bundle_id(json: String) -> Result<Field<String>, serde_json::Error> {
    match serde_json::from_str(&json) {
        Ok(text) => Ok(Field::Value(text)),
        Err(_) => RawValue::from_string(json).map(Field::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smartcall::answers::{answer, runtime};
    use crate::smartcall::classify::judge;

    fn verdict(body: &str) -> Verdict {
        runtime().block_on(async {
            let delivery = answer::<types::MoniceRechargeResponse>(200, body).await;
            let delivery = answered(delivery, reading::coded);
            let success = success_of(&delivery);
            judge(delivery, success)
        })
    }

    #[test]
    fn a_status_code_of_0_is_a_sale_and_success_alone_is_taken_in() {
        let sold = r#"{"error":null,"responseCode":"SUCCESS","statusCode":0,"recharge":{"orderReferenceId":4711}}"#;
        assert!(
            matches!(verdict(sold), Verdict::Vended(_)),
            "{:?}",
            verdict(sold)
        );
        let taken_in = r#"{"error":null,"responseCode":"SUCCESS","statusCode":null,"recharge":{"orderReferenceId":4711}}"#;
        let provider_reference = Some("4711".into());
        assert_eq!(verdict(taken_in), Verdict::Pending { provider_reference });
        for unclear in [
            r#"{"error":null,"responseCode":null,"statusCode":null}"#,
            r#"{"error":null,"responseCode":"APP_ERROR","statusCode":0}"#,
            r#"{"error":null,"responseCode":"SUCCESS","statusCode":7}"#,
            r#"{"error":null,"responseCode":"SUCCESS","statusCode":"zero"}"#,
        ] {
            assert!(
                matches!(verdict(unclear), Verdict::Ambiguous(_)),
                "{unclear}"
            );
        }
    }

    #[test]
    fn rand_become_cents_whole_or_not_at_all() {
        let cents = |text: &str| cents(text.parse().expect("a number"));
        assert_eq!(
            (cents("5.00"), cents("0.01"), cents("49")),
            (Some(500), Some(1), Some(4900))
        );
        assert_eq!(
            (
                cents("0.005"),
                cents("0"),
                cents("-1"),
                cents("99999999999")
            ),
            (None, None, None, None)
        );
    }

    #[test]
    fn an_id_goes_back_in_the_form_in_which_it_came() {
        let row = |id: &str| {
            let row = format!(r#"{{"bundleId":{id},"description":"1 GB","amount":"500"}}"#);
            bundle(&serde_json::from_str(&row).expect("an object"))
        };
        for id in ["\"B 1\"", "42", "\"042\"", "\" x \""] {
            let bundle = row(id).expect(id);
            let sent = bundle_id(bundle.raw_id).expect("JSON");
            assert_eq!(serde_json::to_string(&sent).expect("JSON"), id);
        }
        for id in ["null", "\"\"", "\" \"", "{}", "-1", "1.5", "true"] {
            assert_eq!(row(id), None, "{id}");
        }
    }
}
