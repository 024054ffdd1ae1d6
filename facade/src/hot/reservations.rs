//! **The rule: a reservation is completed or cancelled once, and never cancelled after a completion was tried.**
//!
//! Reserve, then complete or cancel (page, docs). A reservation sells nothing; it lapses by itself after about 30 minutes (assumed), so that one that
//! was lost costs nothing. Each step has a row of its own in the journal, under a reference of its own: that of the completion is the reservation's with
//! `C` at its end, that of the cancellation with `F`, as a client that is in use has them. So the journal alone says what was tried, after a crash too.
//!
//! How the rows end: a reservation and a cancellation as [`Ending::Done`], a completion as [`Ending::Vended`]. Only the last is a sale.
//!
//! (So a sale of one's own must not bear the name of a reservation with `C` or `F`: the reservation could then not be ended, and would lapse.)
//! A cancellation that the service refused leaves the reservation as it was: it may be completed then.
//!
//! A completion whose answer is lost is enquired about, under its own reference and the reservation's; it is never sent again by itself, and the
//! reservation is not cancelled any more.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::client::Client;
use super::order::{Kind, Options, RechargeOrder};
use super::recharges::{COMPLETE, RECHARGE};
use super::reference::AgentReference;
use crate::domain::Reference;
use crate::error::{Error, Invalid};
use crate::journal::{Ending, Entry, Intent, JournalError};
use crate::outcome::{Handle, Outcome, Sale};
use crate::recovery::Doubt;

/// What the journal keeps of a completion or a cancellation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Completion {
    /// The reference of the reservation.
    pub(super) original: Reference,
    /// True completes, false cancels.
    pub(super) confirmed: bool,
    #[serde(default)]
    pub(super) kind: Kind,
}

/// What came of reserving.
#[derive(Debug)]
#[must_use = "a reservation that is neither completed nor cancelled lapses"]
pub enum Reserved {
    /// It is reserved.
    Made(Reservation),
    /// It is not known whether it is. **Nothing was sold either way**: leave it, and it lapses if it was made.
    Lost(LostReservation),
}

/// A recharge that is reserved. Complete it, or cancel it; dropped, it lapses after about 30 minutes.
///
/// It can be made again from the journal ([`Client::reservation`]), by this process or the next.
pub struct Reservation {
    client: Client,
    intent: Intent,
    /// What the service answered: its `rechargeId`, its text.
    answer: Option<Sale>,
}

/// A reservation of which it is not known whether it was made.
pub struct LostReservation {
    client: Client,
    handle: Handle,
    doubt: Doubt,
}

impl Client {
    /// Reserves an order (page): nothing is sold until the reservation is completed. `announce` lets the service tell the customer.
    ///
    /// An order whose reference is in the journal is not reserved again: what came of it is told again.
    ///
    /// # Errors
    /// When it was not reserved. No money moved.
    pub async fn reserve(&self, order: &RechargeOrder, announce: bool) -> Result<Reserved, Error> {
        if order.reference().as_str().len() >= AgentReference::MAX_LENGTH {
            let rule =
                "must be at most 49 characters for a reservation: its completion is named after it";
            return Err(Invalid::new("reference", rule).into());
        }
        self.checked(order).await?;
        let intent = order.reservation(self.account(), self.wall(), announce);
        let outcome = self.driver().sell(intent.clone()).await?;
        Ok(self.reserved(intent, outcome))
    }

    /// The reservation of a reference, as the journal has it; `None` if there is none, or it was refused, cancelled, or its completion was tried:
    /// what became of a completion is told by [`completion`](Self::completion), and by [`recover`](Self::recover) while it is open.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn reservation(
        &self,
        reference: &Reference,
    ) -> Result<Option<Reserved>, JournalError> {
        let Some(entry) = self.journaled(reference).await? else {
            return Ok(None);
        };
        let options = serde_json::from_str::<Options>(&entry.intent.options);
        let is_reservation =
            *entry.intent.operation == *RECHARGE && options.is_ok_and(|options| options.reserve);
        if !is_reservation {
            return Ok(None);
        }
        for confirmed in [true, false] {
            let used = match name(reference, confirmed) {
                Some(name) => self.journaled(&name).await?,
                None => None,
            };
            if used.as_ref().is_some_and(stands_in_the_way) {
                return Ok(None);
            }
        }
        Ok(match &entry.end {
            Some(end) if end.ending == Ending::Done => {
                let answer = end.outcome(reference.clone()).ok();
                let answer = answer.and_then(|outcome| match outcome {
                    Outcome::Done(sale) => Some(sale),
                    _ => None,
                });
                Some(Reserved::Made(self.made(entry.intent, answer)))
            }
            Some(_) => None,
            None => {
                let handle = Handle::of(entry, self.wall());
                let doubt = Doubt::Unlisted("its end is not in the journal".into());
                Some(Reserved::Lost(self.lost(handle, doubt)))
            }
        })
    }

    /// The row of a reservation's completion, by the reference of the reservation; `None` if none was tried. What became of a completion that
    /// ended just before the process did is told by this alone.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn completion(&self, reservation: &Reference) -> Result<Option<Entry>, JournalError> {
        match name(reservation, true) {
            Some(completion) => self.journaled(&completion).await,
            None => Ok(None),
        }
    }

    fn reserved(&self, intent: Intent, outcome: Outcome) -> Reserved {
        match outcome {
            Outcome::Done(sale) | Outcome::Vended(sale) => {
                Reserved::Made(self.made(intent, Some(sale)))
            }
            Outcome::Pending(handle) => Reserved::Lost(self.lost(handle, Doubt::Pending)),
            Outcome::Unresolved(handle, doubt) => Reserved::Lost(self.lost(handle, doubt)),
        }
    }

    fn made(&self, intent: Intent, answer: Option<Sale>) -> Reservation {
        let client = self.clone();
        Reservation {
            client,
            intent,
            answer,
        }
    }

    fn lost(&self, handle: Handle, doubt: Doubt) -> LostReservation {
        let client = self.clone();
        LostReservation {
            client,
            handle,
            doubt,
        }
    }

    /// Completes or cancels.
    async fn second_step(&self, reserved: &Intent, confirmed: bool) -> Result<Outcome, Error> {
        let too_long = || Invalid::new("reference", "is too long for a reservation's");
        let original = &reserved.reference;
        let ours = name(original, confirmed).ok_or_else(too_long)?;
        let other = name(original, !confirmed).ok_or_else(too_long)?;
        let options = serde_json::from_str::<Options>(&reserved.options);
        let completion = Completion {
            original: original.clone(),
            confirmed,
            kind: options.map(|options| options.kind).unwrap_or_default(),
        };
        let intent = Intent {
            reference: ours,
            operation: COMPLETE.into(),
            // Two texts and a bool: they always serialise.
            options: serde_json::to_string(&completion)
                .unwrap_or_default()
                .into(),
            created_at: self.wall(),
            ..reserved.clone()
        };
        let forbids = if confirmed {
            |entry: &Entry| {
                let rule = "is cancelled, or may be";
                stands_in_the_way(entry).then(|| Invalid::new("reservation", rule))
            }
        } else {
            |entry: &Entry| {
                let rule = "must not be cancelled once a completion was tried";
                was_tried(entry).then(|| Invalid::new("reservation", rule))
            }
        };
        let other = self.key(&other);
        let matter = reserved.key();
        let driver = self.driver();
        driver.sell_unless(intent, matter, other, forbids).await
    }
}

impl Reservation {
    /// Sells what was reserved. As with a recharge, nothing is sent a second time: what is lost is enquired about.
    ///
    /// The answer can call a sale successful that failed and was credited to the customer's account (assumed): show the customer the receipt's message.
    ///
    /// # Errors
    /// When it was not sold; **no money moved**. If nothing was sent ([`Error::NotSent`], [`Error::Denied`]), the reservation still stands and can be
    /// taken from the journal again.
    pub async fn complete(self) -> Result<Outcome, Error> {
        self.client.second_step(&self.intent, true).await
    }

    /// Gives the reservation up.
    ///
    /// # Errors
    /// When it was not cancelled: then it lapses. No money moved.
    pub async fn cancel(self) -> Result<Outcome, Error> {
        self.client.second_step(&self.intent, false).await
    }

    /// The reference of the reservation.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.intent.reference
    }

    /// The reference under which it will be completed: keep it, to look for the sale.
    #[must_use]
    pub fn completion_reference(&self) -> Option<Reference> {
        name(&self.intent.reference, true)
    }

    /// The service's answer to the reservation, without its receipt if it comes from the journal.
    #[must_use]
    pub fn answer(&self) -> Option<&Sale> {
        self.answer.as_ref()
    }
}

impl LostReservation {
    /// Why it is not known.
    #[must_use]
    pub fn doubt(&self) -> &Doubt {
        &self.doubt
    }

    /// The handle, to carry on elsewhere.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Enquires about it.
    ///
    /// # Errors
    /// When it was not made. No money moved.
    pub async fn resume(self) -> Result<Reserved, Error> {
        let intent = self.handle.intent.clone();
        let outcome = self.client.resume(self.handle).await?;
        Ok(self.client.reserved(intent, outcome))
    }

    /// Cancels it, if it was made.
    ///
    /// # Errors
    /// When it was not cancelled: it was not made, or lapses. No money moved.
    pub async fn cancel(self) -> Result<Outcome, Error> {
        self.client.second_step(&self.handle.intent, false).await
    }
}

/// The reference of the second step.
fn name(original: &Reference, confirmed: bool) -> Option<Reference> {
    let suffix = if confirmed { 'C' } else { 'F' };
    let name = format!("{original}{suffix}");
    Reference::within(&name, AgentReference::MAX_LENGTH)
}

/// Whether something of it may have arrived.
fn was_tried(entry: &Entry) -> bool {
    let ending = entry.end.as_ref().map(|end| end.ending);
    ending != Some(Ending::NotSent)
}

/// Whether it may have been carried out.
fn stands_in_the_way(entry: &Entry) -> bool {
    let ending = entry.end.as_ref().map(|end| end.ending);
    let is_completion = serde_json::from_str::<Completion>(&entry.intent.options)
        .is_ok_and(|completion| completion.confirmed);
    match ending {
        Some(Ending::NotSent) => false,
        // A cancellation that was refused leaves the reservation as it was; a completion that was refused does not.
        Some(Ending::Refused) => is_completion,
        _ => true,
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation")
            .field("intent", &self.intent)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LostReservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LostReservation")
            .field("handle", &self.handle)
            .field("doubt", &self.doubt)
            .finish_non_exhaustive()
    }
}
