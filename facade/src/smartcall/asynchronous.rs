//! The asynchronous recharge, `POST /smartload/recharges` (chapter 10 f): **submitted is not done.**
//!
//! A success says that the service has taken the recharge in, and no more; what became of it at the network is found out by enquiry, however
//! long that takes. Class: nothing says that this endpoint refuses a reference that it has seen, so a lost one is enquired about, and never
//! sent again. What its answer means is in [`classify`](super::classify).

use recharge_bindings::smartcall::types;

use super::classify::{ELECTRICITY, Success};
use super::client::Client;
use super::order::{Options, RechargeOrder};
use super::reading;
use super::recharges::answered;
use super::sales::{Counter, not_sent};
use crate::error::{Error, Invalid};
use crate::journal::Intent;
use crate::outcome::Outcome;
use crate::recovery::{Class, Verdict};

/// The operation, by its name in the document.
pub(super) const ASYNC: &str = "createRecharge";

/// What may be done about a lost answer.
pub(super) const CLASSES: &[(&str, Class)] = &[(ASYNC, Class::EnquirableOnly)];

impl Client {
    /// Recharges a subscriber by the asynchronous operation (`POST /smartload/recharges`, chapter 10 f), for networks and products that the
    /// synchronous one does not serve, and for what may be [cancelled](Self::cancel) while it waits for the network. Journaled first,
    /// submitted once; then it is enquired about until its status is final or the time is up
    /// ([`Policy::deadline`](crate::Policy::deadline)): then it is [`Outcome::Pending`], and [`resume`](Self::resume) carries on.
    ///
    /// As with [`recharge`](Self::recharge), an order whose reference is in the journal is carried on, not sold again.
    ///
    /// # Errors
    /// As [`recharge`](Self::recharge): **no money moved**. An order with options that only the synchronous operation has (a branded SMS,
    /// the correction of the network) is [`Invalid`].
    pub async fn submit(&self, order: &RechargeOrder) -> Result<Outcome, Error> {
        plain(order)?;
        let intent = order.intent(ASYNC, self.payer(), self.wall());
        self.driver().sell_renewing(intent).await
    }
}

/// Refuses what the asynchronous operation has no member for: left out, it would be sold otherwise than it was ordered.
pub(super) fn plain(order: &RechargeOrder) -> Result<(), Invalid> {
    order.mobile()?;
    let options = order.options();
    if options.sms_provider.is_some() {
        return Err(Invalid::new(
            "sms_provider",
            "must not be given: only the synchronous recharge sends a branded SMS",
        ));
    }
    if options.network_auto_correct {
        return Err(Invalid::new(
            "network_auto_correct",
            "must not be asked for: only the synchronous recharge corrects the network",
        ));
    }
    Ok(())
}

/// Sends a recharge once.
pub(super) async fn send(counter: Counter<'_>, intent: &Intent) -> Verdict {
    let Ok(request) = request(intent) else {
        return not_sent("the journal's row cannot be sent");
    };
    let answer = counter.deliver(counter.bindings.create_recharge(&request));
    counter.judge(answered(answer.await, reading::coded), Success::CodeTakenIn)
}

/// The request, from what the journal keeps; also one of a batch, and of a prevend.
pub(super) fn request(intent: &Intent) -> Result<types::RechargeRequest, serde_json::Error> {
    let options: Options = serde_json::from_str(&intent.options)?;
    let (account, reference) = (intent.account.to_string(), intent.reference.to_string());
    let mut request =
        types::RechargeRequest::new(intent.amount, reference, intent.product.into(), account);
    let subscriber = (!ELECTRICITY.contains(&intent.product)).then(|| intent.target.to_string());
    request.sms_recipient_msisdn = options.sms_recipient.or(subscriber).into();
    request.device_id = intent.target.to_string().into();
    request.pinless = (!options.voucher).into();
    request.send_sms = false.into();
    Ok(request)
}
