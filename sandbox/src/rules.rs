//! Whether a recharge is taken, and what the network simulator makes of it: pure decisions, without a lock or a clock.
//!
//! Chapters are those of Smartcall's Technical Interface Specification 1.2.15.
//!
//! | rule | from |
//! |---|---|
//! | R11 on the synchronous endpoint is the network calling the recharge invalid: statusCode 2 | 10 g, the features of the simulator |
//! | R13 is a network that has not answered: statusCode 3 with 1002, 1004 or 1006; final later | 10 g, 16.2 table 2, table 3 and its note on pending |
//! | R17 is a mobile network that is down: statusCode 1, and the recharge has failed | 10 g; 16.2 table 2 |
//! | electricity is asynchronous on both endpoints; R42 ends failed, any other amount ends well, after one to two minutes | 10 g, the starred feature |
//! | R45 of electricity ends well and comes with Key Change PINs | 10 s |
//! | municipal electricity above R1000 needs the id of an extended limit behind the meter | 10 f, 10 t |
//! | the asynchronous answer says only that the order was taken | 10 f; 16.1 table 1 |
//! | a pending order counts as sold until proved otherwise, and is refunded if it failed | 16.2, note under table 3 |
//! | the same number and amount within five minutes is refused with HTTP 400 | 17, question 11 |
//! | a reference used before is 1001; on the synchronous endpoint the message tells of the original | table 3; change history 1.2.15 |
//! | a meter whose purchase is still pending is refused with the other message of code 16 | table 3 |
//! | a voucher is sold by `pinless: false` only, and as long as there is stock: codes 10 and 18 | table 3 |
//! | free basic electricity costs nothing, whatever amount was asked for | V2 business document, amount rules |
//! | codes 3, 6, 8, 9, 15, 1007 | table 3 |
//! | the amount of a fixed-price product is ignored | a recorded sale: 100 was asked for, 450 was charged |
//!
//! Behaviour nobody documented is listed in the documentation of the crate.

use std::time::Duration;

use rust_decimal::Decimal;

use crate::builder::Delays;
use crate::catalogue::{Family, LIMITS, MUNICIPAL, Product};
use crate::clock::ms;
use crate::faults::hash_of;
use crate::ledger::Ending;
use crate::money::{after_discount, rand};
use crate::view::{Entry, Status};

/// How long the same number may not get the same amount again.
pub(crate) const FIVE_MINUTES_MS: i64 = 5 * 60 * 1000;

/// Which of the two endpoints was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    /// `/smartload/recharges`.
    Asynchronous,
    /// `/smartload/v2/recharges`.
    Synchronous,
}

/// A request that is not taken. It leaves no row behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: i32,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: i32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// Code 1007, and what is wrong.
pub(crate) fn invalid(what: &str) -> Refusal {
    Refusal::new(
        1007,
        format!("Recharge parameter validation failure: {what}"),
    )
}

/// What was asked for, as far as it could be read.
#[derive(Debug, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) reference: &'a str,
    /// `smsRecipientMsisdn`.
    pub(crate) recipient: &'a str,
    /// `deviceId`: a number or a meter.
    pub(crate) device: &'a str,
    pub(crate) product: Option<&'a Product>,
    pub(crate) amount: Option<Decimal>,
    /// `pinless: false`: a voucher is wanted.
    pub(crate) pinned: bool,
}

/// A request that makes sense, and its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Priced {
    /// The number that is recharged, or the meter with its limit id, as it was sent.
    pub(crate) target: String,
    /// The number that the enquiry shows.
    pub(crate) recipient: String,
    pub(crate) amount: Decimal,
    pub(crate) charged: Decimal,
}

/// What the ledger knows that matters to a request.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) original: Option<&'a Entry>,
    /// Something too much like it has been sold, or may yet be.
    pub(crate) alike: Option<Refusal>,
    pub(crate) in_stock: bool,
    pub(crate) balance: Decimal,
}

/// What the answer says about an order that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Sold, or (asynchronous) taken.
    Success,
    /// statusCode 3.
    NetworkPending(Refusal),
    /// statusCode 1 or 2, recorded as failed.
    Failed {
        status_code: i32,
        error: Refusal,
        network_says: &'static str,
    },
}

/// Checks the request itself, and prices it.
pub(crate) fn price(asked: &Asked<'_>) -> Result<Priced, Refusal> {
    if asked.reference.is_empty() {
        return Err(invalid("clientReference is required"));
    }
    let product = asked.product.ok_or_else(unknown_product)?;
    let (target, recipient) = match product.family {
        Family::Voucher if !asked.pinned => return Err(Refusal::new(10, NOT_PINLESS)),
        Family::Mobile | Family::Voucher => mobile_target(asked)?,
        Family::Electricity => meter_target(asked, product)?,
        Family::Payment => return Err(unknown_product()),
    };
    let max = most(product, &target)?;
    let amount = match (product.fixed, asked.amount) {
        (Some(fixed), _) => fixed,
        (None, Some(amount)) if amount >= product.min && amount <= max && amount.scale() <= 2 => {
            amount
        }
        _ => {
            return Err(invalid("amount"));
        }
    };
    Ok(Priced {
        target,
        recipient,
        amount: amount.normalize(),
        charged: after_discount(amount, product.discount),
    })
}

const NOT_PINLESS: &str =
    "Pinless Indicator Error: Smartload only distributes vouchers on the selected network";

/// Code 9.
pub(crate) fn unknown_product() -> Refusal {
    Refusal::new(9, "Invalid Offering ID (product code)")
}

/// Code 6.
pub(crate) fn invalid_number() -> Refusal {
    Refusal::new(6, "Invalid recharge Cell No provided")
}

/// Code 18.
pub(crate) fn no_stock() -> Refusal {
    Refusal::new(18, "Error (No Stock)")
}

/// Code 16 for a number.
pub(crate) fn within_five_minutes() -> Refusal {
    Refusal::new(
        16,
        "A trx with the same Cell no + amount was done in the last 5 minutes. Please retry in 5 min if valid.",
    )
}

/// Code 16 for a meter.
pub(crate) fn meter_in_progress() -> Refusal {
    Refusal::new(
        16,
        "A recharge with this meter no. has been received. Please wait for it to complete before retrying",
    )
}

fn mobile_target(asked: &Asked<'_>) -> Result<(String, String), Refusal> {
    let given = if asked.device.is_empty() {
        asked.recipient
    } else {
        asked.device
    };
    let target = msisdn(given).ok_or_else(invalid_number)?;
    Ok((target.clone(), target))
}

fn meter_target(asked: &Asked<'_>, product: &Product) -> Result<(String, String), Refusal> {
    let meter = match product.id {
        MUNICIPAL => meter(asked.device),
        _ => asked.device,
    };
    if meter.is_empty() || !meter.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::new(
            8,
            "A meter number is compulsory for an electricity recharge",
        ));
    }
    let recipient = msisdn(asked.recipient).unwrap_or_else(|| meter.to_owned());
    Ok((asked.device.to_owned(), recipient))
}

/// The meter of a target: "123456789,7" asks for the extended limit 7 of a municipality.
pub(crate) fn meter(target: &str) -> &str {
    target.split(',').next().unwrap_or_default().trim()
}

/// The most that may be bought at a time.
fn most(product: &Product, target: &str) -> Result<Decimal, Refusal> {
    let Some((_, id)) = target.split_once(',') else {
        return Ok(product.max);
    };
    let limit = LIMITS
        .iter()
        .find(|(known, ..)| id.trim().parse() == Ok(*known));
    limit
        .map(|(.., max)| (*max).into())
        .ok_or_else(|| invalid("unknown limit id"))
}

/// The international form of a South African number, or `None` if it is none.
pub(crate) fn msisdn(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match (digits, text.len()) {
        (true, 11) if text.starts_with("27") => Some(text.to_owned()),
        (true, 10) if text.starts_with('0') => Some(format!("27{}", &text[1..])),
        _ => None,
    }
}

/// Checks an order against what has happened before. The reference is looked at before anything else.
pub(crate) fn admit(api: Api, charged: Decimal, seen: Seen<'_>) -> Result<(), Refusal> {
    if let Some(original) = seen.original {
        return Err(duplicate(api, original));
    }
    if let Some(refusal) = seen.alike {
        return Err(refusal);
    }
    if !seen.in_stock {
        return Err(no_stock());
    }
    if seen.balance < charged {
        return Err(insufficient(seen.balance));
    }
    Ok(())
}

/// Code 15.
pub(crate) fn insufficient(balance: Decimal) -> Refusal {
    Refusal::new(
        15,
        format!(
            "Insufficient funds in the SmartLoad wallet - Current balance: {}",
            rand(balance)
        ),
    )
}

fn duplicate(api: Api, original: &Entry) -> Refusal {
    if api == Api::Asynchronous {
        return Refusal::new(1001, "Duplicate recharge");
    }
    let Entry {
        smartload_reference,
        msisdn,
        amount,
        status,
        ..
    } = original;
    let (amount, status) = (rand(*amount), status_text(*status));
    Refusal::new(
        1001,
        format!(
            "Duplicate recharge. Original transaction: reference {smartload_reference}, {msisdn}, {amount}, {status}"
        ),
    )
}

/// The words of `transaction.status`.
pub(crate) const fn status_text(status: Status) -> &'static str {
    match status {
        Status::Processing | Status::Pending => "Recharge Pending",
        Status::Successful => "Recharge Successful",
        Status::Failed => "Recharge Failed",
        Status::Cancelled => "Recharge Cancelled",
    }
}

/// What the network simulator does with an order that was taken.
pub(crate) fn simulate(
    api: Api,
    family: Family,
    amount: Decimal,
    reference: &str,
    now_ms: i64,
    delays: &Delays,
) -> (Verdict, Ending) {
    let is = |rand: i64| amount == Decimal::from(rand);
    let pending = |queued, delay, succeeds| Ending::Pending {
        submitted_ms: now_ms.saturating_add(ms(queued)),
        due_ms: now_ms.saturating_add(ms(delay)),
        succeeds,
    };
    let queued = delays.queued;
    match (api, family) {
        (_, Family::Voucher | Family::Payment) => (Verdict::Success, Ending::Successful),
        (_, Family::Electricity) => (
            Verdict::Success,
            pending(queued, delays.electricity, !is(42)),
        ),
        (Api::Asynchronous, Family::Mobile) if is(13) => {
            (Verdict::Success, pending(queued, delays.pending, true))
        }
        (Api::Asynchronous, Family::Mobile) => (
            Verdict::Success,
            pending(queued, delays.asynchronous, !is(11) && !is(17)),
        ),
        (Api::Synchronous, Family::Mobile) if is(11) => (not_valid(), Ending::Failed),
        (Api::Synchronous, Family::Mobile) if is(17) => (network_down(), Ending::Failed),
        (Api::Synchronous, Family::Mobile) if is(13) => (
            Verdict::NetworkPending(still_pending(reference)),
            // The network has it already.
            pending(Duration::ZERO, delays.pending, true),
        ),
        (Api::Synchronous, Family::Mobile) => (Verdict::Success, Ending::Successful),
    }
}

fn not_valid() -> Verdict {
    let error = Refusal::new(1003, "Generic recharge failure");
    Verdict::Failed {
        status_code: 2,
        error,
        network_says: "Invalid Recharge",
    }
}

fn network_down() -> Verdict {
    let error = Refusal::new(2, "General System Error, recharged failed");
    Verdict::Failed {
        status_code: 1,
        error,
        network_says: "The mobile network is not available",
    }
}

/// Any of the three pending codes may come; which one a reference gets is the same on every run.
fn still_pending(reference: &str) -> Refusal {
    match hash_of(&[reference]) % 3 {
        0 => Refusal::new(1002, "Recharge still being processed"),
        1 => Refusal::new(
            1004,
            "Recharge response timed out, query to validate if recharge was submitted",
        ),
        _ => Refusal::new(1006, "Recharge Timeout, Please query recharge for status"),
    }
}

#[cfg(test)]
mod tests;
