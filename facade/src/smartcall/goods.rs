//! **The rule: a sale that is known to have happened stays known, whatever becomes of its goods.**
//!
//! What the customer is given (PINs, files) is often not in the answer to the enquiry that finds a sale, and is fetched by another. If that
//! fails, the receipt says what is missing, and it can be asked for again.

use std::ops::RangeBounds;

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::classify::ELECTRICITY;
use super::client::Client;
use super::electricity::{self, Tokens};
use super::reading::{self, text};
use super::sales::Counter;
use super::{enquiries, orders, vouchers};
use crate::domain::{Receipt, Reference};
use crate::error::{Invalid, ReadError};
use crate::journal::Intent;
use crate::recovery::{Finding, Vend};

/// Which parts of an order the enquiry about it shows, so that another sale's can be told from it.
pub(super) struct Shown {
    /// The target, in `recipientMsisdn`.
    pub(super) recipient: bool,
    pub(super) amount: bool,
}

/// Electricity: nothing says whether the recipient is the meter, or who gets the SMS; the meter is compared when the PINs are fetched.
/// Vouchers: they are for nobody, and what they cost the order does not say.
pub(super) fn shown(intent: &Intent) -> Shown {
    if is_vouchers(intent) {
        return Shown {
            recipient: false,
            amount: false,
        };
    }
    let electricity = is_electricity(intent);
    Shown {
        recipient: !electricity,
        amount: intent.product != electricity::FREE_BASIC || !electricity,
    }
}

/// By whichever endpoint it was sent.
fn is_electricity(intent: &Intent) -> bool {
    ELECTRICITY.contains(&intent.product) && !is_vouchers(intent)
}

fn is_vouchers(intent: &Intent) -> bool {
    [vouchers::PURCHASE, orders::ORDER].contains(&&*intent.operation)
}

/// Asks the first of these hosts about a sale, and then each in turn for its goods.
pub(super) async fn enquire(
    hosts: &[Counter<'_>],
    intent: &Intent,
    smartload_reference: Option<&str>,
) -> Finding {
    let Some(first) = hosts.first() else {
        return Finding::Inconclusive("there is no such host".into());
    };
    match enquiries::enquire(*first, intent, smartload_reference).await {
        Finding::Vended(vend) if is_electricity(intent) => tokens(hosts, intent, vend).await,
        finding if *intent.operation == *orders::ORDER => {
            orders::proved(hosts, intent, finding).await
        }
        Finding::Vended(vend) if is_vouchers(intent) => pins(hosts, intent, vend).await,
        finding => finding,
    }
}

async fn tokens(hosts: &[Counter<'_>], intent: &Intent, mut vend: Vend) -> Finding {
    // The ordinary enquiry shows the Purchase PIN alone, which is of no use to a meter that changes its key.
    vend.receipt = Receipt {
        missing: 1,
        ..Receipt::default()
    };
    let Some(reference) = vend.provider_reference.clone() else {
        return Finding::Vended(vend);
    };
    for host in hosts {
        match electricity::fetch(*host, intent, &reference).await {
            Tokens::Of(receipt) => {
                vend.receipt = receipt;
                break;
            }
            Tokens::AnotherMeter => return Finding::Differs("another meter".into()),
            Tokens::Unknown => {}
        }
    }
    Finding::Vended(vend)
}

async fn pins(hosts: &[Counter<'_>], intent: &Intent, mut vend: Vend) -> Finding {
    vend.receipt = Receipt {
        missing: usize::try_from(vouchers::quantity(intent)).unwrap_or(1),
        ..Receipt::default()
    };
    let Some(reference) = vend.provider_reference.clone() else {
        return Finding::Vended(vend);
    };
    let mut is_none = false;
    for host in hosts {
        match vouchers::fetch(*host, intent, &reference).await {
            Ok(Some(receipt)) => {
                vend.receipt = receipt;
                return Finding::Vended(vend);
            }
            Ok(None) => is_none = true,
            Err(_) => {}
        }
    }
    if is_none {
        // Another sale under the same reference, or a host that lags behind: neither proves this purchase.
        return Finding::Inconclusive("the transaction is no purchase of vouchers".into());
    }
    Finding::Vended(vend)
}

impl Client {
    /// The service's own reference of a sale: from the journal, or else by an enquiry. `None` if neither knows it.
    pub(super) async fn smartload_reference(
        &self,
        reference: &Reference,
    ) -> Result<Option<String>, ReadError> {
        // A journal that cannot be read keeps nobody from the goods.
        let journaled = self.journaled(reference).await.ok().flatten();
        if let Some(known) = journaled.and_then(|entry| entry.provider_reference) {
            return Ok(Some(known));
        }
        let found = self.enquire(reference).await?;
        Ok(found.and_then(|transaction| transaction.smartload_reference))
    }
}

/// A reference of the service's that goes into a path.
pub(super) fn check_smartload_reference(reference: &str) -> Result<(), Invalid> {
    let checked: Result<Reference, _> = reference.parse();
    checked.map(drop).map_err(|_| {
        Invalid::new(
            "smartload_reference",
            "must be 1 to 36 characters of A-Z a-z 0-9 . _ - with at least one letter or digit",
        )
    })
}

/// A success in which nothing says otherwise.
pub(super) fn well<T: Serialize>(
    body: &T,
    error: &Field<types::Error>,
    response_code: &Field<String>,
) -> Result<(), ReadError> {
    if error.is_absent() && response_code.is_absent() {
        // Any object can be read as the documented success: a bare error too.
        let bytes = Zeroizing::new(serde_json::to_vec(body).unwrap_or_default());
        return match reading::bare(&bytes) {
            Some(said) => Err(ReadError::Service {
                status: 200,
                code: said.code,
                message: said.message,
            }),
            None => Ok(()),
        };
    }
    let response = text(response_code);
    let failed = response
        .as_deref()
        .is_some_and(|code| !code.eq_ignore_ascii_case("SUCCESS"));
    if !failed && !matches!(error, Field::Value(_)) {
        return Ok(());
    }
    let (_, code, message) = reading::error_member(error);
    Err(ReadError::Service {
        status: 200,
        code,
        message: message.or(response).unwrap_or_default(),
    })
}

/// What was read, or `None` where the service says that there is no such thing (Table 3: 1005, 1008, 2001).
pub(super) fn known<T>(read: Result<T, ReadError>) -> Result<Option<T>, ReadError> {
    match read {
        Err(ReadError::Service {
            status: 200 | 400,
            code: Some(1005 | 1008 | 2001),
            ..
        }) => Ok(None),
        read => read.map(Some),
    }
}

/// The service's own reference, where it is a number.
pub(super) fn reference(field: &Field<i64>) -> Option<String> {
    let written = || {
        let raw = field.other()?.get().trim_matches('"').trim();
        check_smartload_reference(raw).ok().map(|()| raw.to_owned())
    };
    field
        .copied()
        .map(|number| number.to_string())
        .or_else(written)
}

/// A PIN: a text, or a number with as many digits. Of a number with fewer, zeros may be lost.
pub(super) fn digits(field: &Field<String>, whole: impl RangeBounds<usize>) -> Option<String> {
    let number = || {
        let raw = field.other()?.get();
        let digits = raw.bytes().all(|byte| byte.is_ascii_digit());
        (digits && whole.contains(&raw.len())).then(|| raw.to_owned())
    };
    text(field).or_else(number)
}

/// The rows of a list, one by one: a `null` or a number among them costs no other row its place. `None` if it is no list.
pub(super) fn each<T: DeserializeOwned + Clone>(list: &Field<Vec<T>>) -> Option<Vec<Option<T>>> {
    match list {
        Field::Value(rows) => Some(rows.iter().cloned().map(Some).collect()),
        Field::Other(raw) => {
            let rows: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
            let read = |raw: &RawValue| serde_json::from_str(raw.get()).ok();
            Some(rows.into_iter().map(read).collect())
        }
        Field::Absent | Field::Null => None,
    }
}

/// A whole number, also where it came as a text.
pub(super) fn number<T>(field: &Field<T>) -> Option<u32>
where
    T: Copy + TryInto<u32>,
{
    let written = |raw: &RawValue| raw.get().trim_matches('"').trim().parse().ok();
    match field {
        Field::Other(raw) => written(raw),
        field => field.copied()?.try_into().ok(),
    }
}
