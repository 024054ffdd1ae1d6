//! Cancelling a recharge, `POST /smartload/recharges/cancel` (chapter 10 i, Table 4): **accepted is not cancelled, and what became of the sale is
//! the enquiry's to say.**
//!
//! A cancellation stops a recharge that waits at the service, and no other: the synchronous ones never wait. It is **no fence**: code 3 says that
//! the reference is not known *yet*, and a request that is still on its way, or that a recovery sends again, is sold all the same.
//! The journal's row stays as it is; [`Client::resume`] settles it by enquiry.
//!
//! | answer | |
//! |---|---|
//! | `responseCode` SUCCESS | requested; cancelled if the enquiry that follows says CANCELLED |
//! | code 7 | cancelled, before |
//! | codes 1, 3, 4, 5, 6, 100 | refused |
//! | everything else: code 2, codes in no table, no answer | unclear; cancelled if the enquiry that follows says so |

use recharge_bindings::smartcall::types;

use super::client::Client;
use super::codes::{Code, Table};
use super::enquiries;
use super::errands::Errand;
use super::reading::{Body, Reading, Said};
use crate::domain::Reference;
use crate::driver::Provider;
use crate::error::ReadError;
use crate::journal::Entry;
use crate::recovery::{Class, Doubt, Finding, Host};

/// What may be done about a lost answer.
pub(super) const CLASSES: &[(&str, Class)] = &[("cancelRecharge", Class::Control)];

/// What came of a cancellation. The sale itself is settled by [`Client::resume`] or [`Client::recover`], whatever this says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[must_use = "only `Cancelled` is final"]
pub enum Cancellation {
    /// The sale is cancelled, and will not happen.
    Cancelled,
    /// Accepted, and not yet seen to be done: enquire. (It was seen to take hours.) The sale may still happen.
    Requested,
    /// Not cancelled, and says why. The sale goes on; one that nobody knows may still arrive.
    Refused(CancelRefusal),
    /// It is not known. The sale may still happen, or be cancelled. To cancel again does no harm.
    Unclear(Doubt),
}

/// Why a recharge cannot be cancelled (Table 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CancelRefusal {
    /// 1: the channel code is not valid.
    Channel,
    /// 3: no recharge has this reference, **as yet**. One that is still on its way is not stopped by this.
    UnknownReference,
    /// 4: the Smartload reference is not valid.
    UnknownSmartloadReference,
    /// 5: it is a voucher, and its PIN was given out.
    PinIssued,
    /// 6: it was given to the network already.
    AtTheNetwork,
    /// 100: no reference arrived.
    NoReference,
}

impl CancelRefusal {
    const ALL: [(i64, Self); 6] = [
        (1, Self::Channel),
        (3, Self::UnknownReference),
        (4, Self::UnknownSmartloadReference),
        (5, Self::PinIssued),
        (6, Self::AtTheNetwork),
        (100, Self::NoReference),
    ];

    fn of(code: i64) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find_map(|(number, refusal)| (number == code).then_some(refusal))
    }

    /// The code of Table 4, with its explanation.
    #[must_use]
    pub fn code(self) -> Code {
        let mut all = Self::ALL.into_iter();
        let number = all.find_map(|(number, refusal)| (refusal == self).then_some(number));
        Code::new(Table::Cancel, number.unwrap_or_default())
    }
}

impl Client {
    /// Cancels a recharge that waits at the service (`POST /smartload/recharges/cancel`, chapter 10 i), and enquires once whether it is
    /// cancelled. Sent once, to the host that took the sale if the journal knows it. Ends no row of the journal: [`resume`](Self::resume)
    /// does, by enquiry.
    ///
    /// # Errors
    /// When no host could be reached, or the service did not let us in or does not know the account: then nothing was cancelled.
    pub async fn cancel(&self, reference: &Reference) -> Result<Cancellation, ReadError> {
        // Without the journal it is asked by our reference alone.
        let entry = self.journaled(reference).await.ok().flatten();
        let host = self.host_of(entry.as_ref());
        let request = self.cancellation(reference, entry.as_ref());
        let answer = Errand::Cancel(&request).run(&self.driver().provider, host);
        let told = match answer.await? {
            Ok(reading) => read(reading)?,
            Err(loss) => Cancellation::Unclear(Doubt::Lost(loss)),
        };
        tracing::info!(%reference, ?told, "cancellation");
        match (&told, entry) {
            (Cancellation::Requested | Cancellation::Unclear(_), Some(entry))
                if self.is_seen_cancelled(&entry, host).await =>
            {
                Ok(Cancellation::Cancelled)
            }
            _ => Ok(told),
        }
    }

    /// The host that took a sale.
    fn host_of(&self, entry: Option<&Entry>) -> Host {
        entry
            .and_then(Entry::in_doubt)
            .and_then(|attempt| self.driver().provider.host_named(&attempt.host))
            .unwrap_or(Host(0))
    }

    fn cancellation(
        &self,
        reference: &Reference,
        entry: Option<&Entry>,
    ) -> types::CancelRechargeRequest {
        let smartload_reference = entry
            .and_then(|entry| entry.provider_reference.as_ref())
            .and_then(|reference| reference.parse::<i64>().ok());
        types::CancelRechargeRequest {
            smartload_id: self.account().to_string().into(),
            client_reference: reference.to_string().into(),
            smartload_reference: smartload_reference.into(),
            ..types::CancelRechargeRequest::default()
        }
    }

    async fn is_seen_cancelled(&self, entry: &Entry, host: Host) -> bool {
        let Some(counter) = self.counter(host) else {
            return false;
        };
        let known = entry.provider_reference.as_deref();
        enquiries::enquire(counter, &entry.intent, known).await == Finding::Cancelled
    }
}

fn read(reading: Reading) -> Result<Cancellation, ReadError> {
    let said = reading.body.said();
    match (reading.status, &reading.body) {
        (200, Body::Sale { .. }) if said.is_code_success() => Ok(Cancellation::Requested),
        (200 | 400, Body::Sale { .. } | Body::Bare(_)) if said.is_failure() && !said.foreign => {
            Ok(refused(&said))
        }
        (403, Body::Bare(_)) if !said.foreign => Err(ReadError::Service {
            status: 403,
            code: said.code,
            message: said.message,
        }),
        (503, _) => Ok(Cancellation::Unclear(Doubt::Busy {
            retry_after: reading.retry_after,
        })),
        (status, body) => Ok(unclear(format!("HTTP {status} with {}", body.describe()))),
    }
}

fn refused(said: &Said) -> Cancellation {
    match said.code {
        Some(7) => Cancellation::Cancelled,
        Some(code) => CancelRefusal::of(code).map_or_else(
            || unclear(format!("code {code}: {}", said.message)),
            Cancellation::Refused,
        ),
        None => unclear("an error without a code".into()),
    }
}

fn unclear(what: String) -> Cancellation {
    Cancellation::Unclear(Doubt::Unlisted(what))
}

#[cfg(test)]
mod tests;
