//! `POST /products/recharge` (page) and `POST /products/recharge/complete` (docs): how they are sent. What their answers mean is in `classify`,
//! what happens then in [`crate::recovery`].
//!
//! Class: **nothing promises that a reference that was seen is refused**, so whatever may have arrived is only enquired about.

use recharge_bindings::hot::types;

use super::classify::{PERHAPS, classify, reading};
use super::order::{Manner, Options};
use super::reservations::Completion;
use super::sales::{Counter, answered, not_sent};
use crate::journal::Intent;
use crate::recovery::{Class, Doubt, Verdict};

/// The recharge, by its name in the document; with an option it only reserves.
pub(super) const RECHARGE: &str = "recharge";
/// The completion of a reservation, or its cancellation.
pub(super) const COMPLETE: &str = "completeReservedRecharge";

/// What may be done about a lost answer.
pub(super) const CLASSES: &[(&str, Class)] = &[
    (RECHARGE, Class::EnquirableOnly),
    (COMPLETE, Class::EnquirableOnly),
];

/// Sends what the journal's row says, once.
pub(super) async fn send(counter: Counter<'_>, intent: &Intent) -> Verdict {
    let manner = manner(intent);
    let answer = match &*intent.operation {
        RECHARGE => {
            let Some(request) = recharge(intent) else {
                return not_sent("the journal's row cannot be sent");
            };
            counter.deliver(counter.bindings.recharge(&request)).await
        }
        COMPLETE => {
            let Some(request) = completion(intent) else {
                return not_sent("the journal's row cannot be sent");
            };
            let sending = counter.bindings.complete_reserved_recharge(&request);
            counter.deliver(sending).await
        }
        _ => return not_sent("the journal's row is of an operation that is not known here"),
    };
    let answer = answered(answer, reading);
    counter.feed(&answer);
    let verdict = classify(answer, manner);
    if matches!(&verdict, Verdict::Ambiguous(Doubt::Unlisted(what)) if what == PERHAPS) {
        counter.seen_failed(&intent.reference);
    }
    verdict
}

/// How the answer to a row is read. A row that cannot be read is treated with all care.
pub(super) fn manner(intent: &Intent) -> Manner {
    let (sells, kind) = match &*intent.operation {
        COMPLETE => match serde_json::from_str::<Completion>(&intent.options) {
            Ok(completion) => (completion.confirmed, completion.kind),
            Err(_) => (true, Default::default()),
        },
        _ => match serde_json::from_str::<Options>(&intent.options) {
            Ok(options) => (!options.reserve, options.kind),
            Err(_) => (true, Default::default()),
        },
    };
    Manner { sells, kind }
}

/// The request, from what the journal keeps. The page's examples have `CustomsSMS` where its table has `CustomerSMS`; the vendor's own package
/// sends the latter.
fn recharge(intent: &Intent) -> Option<types::RechargeRequest> {
    let options: Options = serde_json::from_str(&intent.options).ok()?;
    let product = i32::try_from(intent.product).ok()?;
    let reference = intent.reference.to_string();
    let target = intent.target.to_string();
    let mut request = types::RechargeRequest::new(reference, intent.amount, product, target);
    let texts = options.options.into_iter();
    let mut chosen: Vec<_> = texts
        .map(|choice| types::RechargeOption::new(choice.name, "string".into(), choice.value))
        .collect();
    // Nothing says that "false" switches an option off, so these are sent only when they are wanted.
    for (name, wanted) in [
        ("MakeReservation", options.reserve),
        ("SendReservationSMSToCustomer", options.announce),
    ] {
        if wanted {
            let (kind, value) = ("bool".into(), "true".into());
            chosen.push(types::RechargeOption::new(name.into(), kind, value));
        }
    }
    request.customer_sms = options.sms.into();
    request.recharge_options = (!chosen.is_empty()).then_some(chosen).into();
    Some(request)
}

fn completion(intent: &Intent) -> Option<types::CompleteRechargeRequest> {
    let completion: Completion = serde_json::from_str(&intent.options).ok()?;
    Some(types::CompleteRechargeRequest::new(
        intent.reference.to_string(),
        completion.confirmed,
        completion.original.to_string(),
    ))
}
