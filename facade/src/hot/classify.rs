//! **The rule: the vendor's page, row by row; what stands nowhere is ambiguous, and nothing that is ambiguous is ever sent again.**
//!
//! What the answer to a recharge, a reservation, a completion or a cancellation says. A failure needs every indicator to say so: the HTTP status,
//! `successful`, `rechargeId`, an empty `rechargeData`, no `errors` beside them, and no word that speaks of a duplicate or of something that is not
//! over.
//!
//! | answer | verdict | grade |
//! |---|---|---|
//! | 200, `successful` true | vended | page |
//! | 200, `successful` false, `rechargeId` there; airtime or data | refused | page |
//! | the same, of electricity or of a product that is not known here | ambiguous: it may be pending. Refused once the settle window has passed since it was first seen and an enquiry still says so | assumed |
//! | the same of anything, with words of something unfinished | ambiguous for good: no passing of time makes a refusal of it | assumed |
//! | a success of a reservation or a cancellation, with tokens in it | ambiguous for good: it was sold. A person must look | assumed |
//! | 400, E1, E2 or E3 | refused | page, docs |
//! | 400 that names the reference, or with words of a duplicate or of something unfinished | ambiguous | assumed |
//! | 401 without a body | the token: refused once the settle window has passed and enquiries do not know the reference; never sent again by itself | assumed |
//! | 429 | ambiguous: in version 1 that was a repeated reference, never "send again" | assumed |
//! | 503 | ambiguous | – |
//! | everything else: other statuses, a success with another status, an error with status 200, foreign bodies, no answer | ambiguous: enquire | – |
//!
//! An enquiry gives the body without its status. The same rows hold, and a failure that may be pending is believed only once the window has
//! passed.
//!
//! What that belief rests on: the enquiry **repeats the answer that the service stored**, so that for electricity that failed without a word it is no
//! second witness, only the same one heard again. If the service does not write a stored answer anew when a pending sale goes through (nobody knows),
//! the window alone stands between such a sale and a refusal. Hence words that speak of something unfinished are never outwaited.

use super::order::{Kind, Manner};
use super::reading::{self, Body, Errors, Hint, Told};
use crate::recovery::{Advice, Delivery, Doubt, Finding, Refusal, Vend, Verdict, Witness};
use crate::transport::delivery;

/// A failure that is not believed at once.
pub(super) const PERHAPS: &str = "a failure that may be pending";
/// A failure whose own words take it back.
const UNFINISHED: &str = "a failure that speaks of something unfinished";
/// A reservation, or a cancellation, that sold.
const SOLD_ANYWAY: &str =
    "it was not asked to sell, and its answer holds tokens: it was sold, and must not be completed";

/// An answer, read.
pub(super) struct Reading {
    pub(super) status: u16,
    pub(super) retry_after: Option<std::time::Duration>,
    pub(super) body: Body,
    /// There is no body at all.
    pub(super) empty: bool,
}

/// What a body says of the money, whatever its status was.
enum Meaning {
    Sold(Vend),
    NotSold(Refusal),
    /// It says so, and may be pending.
    PerhapsNotSold(Refusal),
    /// It says so, and speaks of something that is not over.
    Unfinished,
    /// It sold although it was not asked to.
    SoldAnyway,
    /// A sale like this one is known.
    Duplicate,
    Nothing,
}

/// Reads an answer.
pub(super) fn reading<T: serde::Serialize>(answer: delivery::Answer<T>) -> Reading {
    // Any object can be read as the documented success, so that an error must be looked for in what was not asked for.
    let bytes = match answer.body {
        delivery::Body::Typed(body) => serde_json::to_vec(&body).unwrap_or_default().into(),
        delivery::Body::Raw(bytes) => bytes,
    };
    Reading {
        status: answer.status,
        retry_after: answer.retry_after,
        body: reading::body(&bytes),
        empty: bytes.trim_ascii().is_empty(),
    }
}

/// What came of sending.
pub(super) fn classify(delivery: Delivery<Reading>, manner: Manner) -> Verdict {
    let reading = match delivery {
        Delivery::NotSent(obstacle) => return Verdict::NotSent(obstacle),
        Delivery::MaybeSent(loss) => return Verdict::Ambiguous(Doubt::Lost(loss)),
        Delivery::Answered(reading) => reading,
    };
    let said = match (reading.status, &reading.body) {
        (200, Body::Told(told)) => meaning(told, manner),
        (400, Body::Told(told)) if told.successful == Some(false) => meaning(told, manner),
        (400, Body::Errors(errors)) => problem(errors),
        _ => Meaning::Nothing,
    };
    match (said, reading.status) {
        (Meaning::Sold(vend), _) => Verdict::Vended(vend),
        (Meaning::NotSold(refusal), _) => Verdict::Refused(refusal, Witness::None),
        (Meaning::PerhapsNotSold(_), _) => Verdict::Ambiguous(Doubt::Unlisted(PERHAPS.into())),
        (Meaning::Unfinished, _) => Verdict::Ambiguous(Doubt::Unlisted(UNFINISHED.into())),
        (Meaning::SoldAnyway, _) => Verdict::Ambiguous(Doubt::Unlisted(SOLD_ANYWAY.into())),
        (Meaning::Duplicate, _) | (_, 429) => Verdict::Ambiguous(Doubt::Duplicate),
        (_, 401) if reading.empty => {
            let refusal = Refusal {
                code: None,
                message: "the token was refused".into(),
                advice: Advice::NewReference,
            };
            Verdict::Refused(refusal, Witness::Windows)
        }
        (_, 503) => Verdict::Ambiguous(Doubt::Busy {
            retry_after: reading.retry_after,
        }),
        (_, status) => Verdict::Ambiguous(Doubt::Unlisted(format!(
            "HTTP {status} with {}",
            reading.body.describe()
        ))),
    }
}

/// What the body of a past answer says; `settled` is asked about a failure that may be pending: whether the settle window has passed since it was
/// first seen.
pub(super) fn finding(body: &Body, manner: Manner, settled: impl FnOnce() -> bool) -> Finding {
    let said = match body {
        Body::Told(told) => meaning(told, manner),
        Body::Errors(errors) => problem(errors),
        Body::Foreign => Meaning::Nothing,
    };
    match said {
        Meaning::Sold(vend) => Finding::Vended(vend),
        Meaning::NotSold(refusal) => Finding::Failed(refusal),
        Meaning::PerhapsNotSold(refusal) if settled() => Finding::Failed(refusal),
        Meaning::PerhapsNotSold(_) => Finding::Inconclusive(PERHAPS.into()),
        Meaning::Unfinished => Finding::Inconclusive(UNFINISHED.into()),
        Meaning::SoldAnyway => Finding::Differs(SOLD_ANYWAY.into()),
        Meaning::Duplicate => Finding::Inconclusive("it speaks of another sale".into()),
        Meaning::Nothing => Finding::Inconclusive(format!("{} that says nothing", body.describe())),
    }
}

fn meaning(told: &Told, manner: Manner) -> Meaning {
    match told.successful {
        Some(true) if !told.contradicted && !manner.sells && brings_tokens(told) => {
            Meaning::SoldAnyway
        }
        Some(true) if !told.contradicted => Meaning::Sold(sold(told, manner)),
        Some(false) if !told.contradicted => {
            let refusal = refusal(&told.message);
            let utilities = told.wallet.is_some_and(|it| it.pays_for_utilities());
            match told.doubt {
                Some(Hint::Twice) => Meaning::Duplicate,
                Some(Hint::Unfinished) => Meaning::Unfinished,
                None if !manner.sells || manner.kind.is_final_at_once() && !utilities => {
                    Meaning::NotSold(refusal)
                }
                None => Meaning::PerhapsNotSold(refusal),
            }
        }
        _ => Meaning::Nothing,
    }
}

fn brings_tokens(told: &Told) -> bool {
    let receipt = &told.vend.receipt;
    !receipt.pins.is_empty() || receipt.missing > 0
}

/// What was sold. Electricity without a token is paid for all the same.
fn sold(told: &Told, manner: Manner) -> Vend {
    let mut vend = told.vend.clone();
    let receipt = &mut vend.receipt;
    if manner.sells && manner.kind == Kind::Electricity && receipt.pins.is_empty() {
        receipt.missing = receipt.missing.max(1);
    }
    vend
}

fn problem(errors: &Errors) -> Meaning {
    if errors.status.is_some_and(|status| status != 400) {
        return Meaning::Nothing;
    }
    match errors.doubt {
        Some(Hint::Twice) => Meaning::Duplicate,
        Some(Hint::Unfinished) => Meaning::Nothing,
        // It was checked before it was sent: all that can be wrong with it is that the service knows it.
        None if errors.names_reference => Meaning::Duplicate,
        None => Meaning::NotSold(refusal(&errors.message)),
    }
}

/// The service has no codes, and its texts are for people: that the same order will be refused again is the careful reading.
fn refusal(message: &str) -> Refusal {
    Refusal {
        code: None,
        message: message.to_owned(),
        advice: Advice::DoNotRetry,
    }
}

#[cfg(test)]
mod tests;
