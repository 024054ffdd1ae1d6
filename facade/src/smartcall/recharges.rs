//! The synchronous recharge, `POST /smartload/v2/recharges` (chapter 10 g): how it is sent. What its answer means is in `classify`, what
//! happens then in [`crate::recovery`].
//!
//! Class: for mobile products the service refuses a reference that it has seen (code 1001, chapter 10 g of version 1.2.15), so rule Q may
//! send it again. Nothing says so of electricity, which stays asynchronous here too: it is enquired about only.

use recharge_bindings::smartcall::types;

use super::classify::{ELECTRICITY, Success};
use super::order::Options;
use super::reading;
use super::sales::{Counter, not_sent};
use crate::journal::Intent;
use crate::recovery::{Class, Delivery, Verdict};

/// The operation, by its name in the document.
pub(super) const SYNC: &str = "createSyncRecharge";

/// What may be done about a lost answer. For electricity see [`class`].
pub(super) const CLASSES: &[(&str, Class)] = &[(SYNC, Class::DedupEnquirable)];

/// Sends a recharge once.
pub(super) async fn send(counter: Counter<'_>, intent: &Intent) -> Verdict {
    let Ok(request) = request(intent) else {
        return not_sent("the journal's row cannot be sent");
    };
    let sending = Box::pin(counter.bindings.create_sync_recharge(&request));
    let answer = counter.deliver(sending);
    let success = Success::of(intent.product);
    counter.judge(answered(answer.await, reading::sale), success)
}

/// The same delivery, with its answer read.
pub(super) fn answered<A, B>(delivery: Delivery<A>, read: impl FnOnce(A) -> B) -> Delivery<B> {
    match delivery {
        Delivery::NotSent(obstacle) => Delivery::NotSent(obstacle),
        Delivery::MaybeSent(loss) => Delivery::MaybeSent(loss),
        Delivery::Answered(answer) => Delivery::Answered(read(answer)),
    }
}

/// The request, from what the journal keeps. Members that are not needed are left out: `smsProviderIdentifier` "should only be populated" for a
/// branded SMS, and `airtimeNetworkAutoCorrect` is sent only when it is wanted.
fn request(intent: &Intent) -> Result<types::SyncRechargeRequest, serde_json::Error> {
    let options: Options = serde_json::from_str(&intent.options)?;
    let (account, reference) = (intent.account.to_string(), intent.reference.to_string());
    let mut request =
        types::SyncRechargeRequest::new(intent.amount, reference, intent.product.into(), account);
    request.device_id = intent.target.to_string().into();
    request.send_sms = (options.sms_provider.is_some() || options.sms_recipient.is_some()).into();
    let subscriber = (!ELECTRICITY.contains(&intent.product)).then(|| intent.target.to_string());
    request.sms_recipient_msisdn = options.sms_recipient.or(subscriber).into();
    request.sms_provider_identifier = options.sms_provider.into();
    request.airtime_network_auto_correct = options.network_auto_correct.then_some(true).into();
    Ok(request)
}

pub(super) fn class(product: u32) -> Class {
    if ELECTRICITY.contains(&product) {
        Class::EnquirableOnly
    } else {
        Class::DedupEnquirable
    }
}
