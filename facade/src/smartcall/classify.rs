//! **The rule: the vendor's tables, row by row; what stands in none of them is ambiguous.**
//!
//! What the answer to a sale says about the money. Several indicators can stand in one answer (the HTTP status, `statusCode`,
//! `error.code`); where they disagree, the one that is furthest from "failed" counts: pending, then duplicate, then failure.
//!
//! | answer | verdict | the document says |
//! |---|---|---|
//! | `statusCode` 3, or code 1002, 1004, 1006 | pending | Table 2: poll until final; Table 3: *Pending* |
//! | code 1001 | ambiguous: most likely this very sale | Table 3: duplicate recharge |
//! | 200, `error` null, `statusCode` 0 | vended; electricity: pending | chapter 10 g; Table 2 |
//! | code 16 | refused once rule Q agrees: the like sale may be this very one | FAQ 11, Table 3: a like sale was just made |
//! | `statusCode` 1, a failure of Table 3 | refused once an enquiry agrees; a new reference may work | Table 2 |
//! | `statusCode` 2 or none, a failure of Table 3 | refused (code 2: once an enquiry agrees) | Tables 2 and 3 |
//! | 403, bare `code` and `message` | refused: the set-up is wrong | recorded: the account is not registered to the user |
//! | 404, 405, 413, 415; a code in no table | refused once rule Q agrees | – |
//! | 401 in the form of a login answer | the token is refused, or the source address | chapter 6 |
//! | 503 | ambiguous; a long backoff before the same reference goes again | chapter 16.2 |
//! | everything else: 500, other statuses, other bodies, no answer | ambiguous: enquire at once | chapters 10 g and 17.10 |
//!
//! The other operations answer with `responseCode` where this one has `statusCode` ([`Success`]). What differs:
//!
//! | answer | verdict | the document says |
//! |---|---|---|
//! | 200, `error` null, `responseCode` SUCCESS | pending, or vended where the goods are in the answer | Table 1: submitted |
//! | an error with SYS_ERROR | refused once rule Q agrees; a new reference may work | Table 1: a fault on the interface to the network |
//! | an error with a `responseCode` that is in no table | refused once rule Q agrees | – |
//!
//! And the answer to a funds transfer has codes of its own, with other meanings for the same numbers: see `transfer_code`.

use std::time::Duration;

use super::reading::{self, Body, Reading, Said, StatusCode};
use crate::recovery::{Advice, Delivery, Denial, Doubt, Refusal, Vend, Verdict, Witness};

/// The vendor's five-minute rule (FAQ 11).
pub(super) const LIKE_SALE_WINDOW: Duration = Duration::from_secs(5 * 60);

/// Products whose sale is final only later, on this endpoint too (chapter 10 g): municipal electricity, Eskom, free basic electricity.
pub(super) const ELECTRICITY: [u32; 3] = [23, 47, 220];

/// What Table 3 says of a code in the answer to a sale.
enum Code {
    Pending,
    Duplicate,
    LikeSale,
    Failure(Advice),
    /// In no table, or there for enquiries only (1005, 1008, 2001).
    Unlisted,
}

fn code(number: i64) -> Code {
    match number {
        1002 | 1004 | 1006 => Code::Pending,
        1001 => Code::Duplicate,
        16 => Code::LikeSale,
        // A fault of the system's: Table 2 lets such a recharge be tried with a new reference.
        2 => Code::Failure(Advice::NewReference),
        // The dealer's own number, its state, its funds: no sale passes until a person mends that.
        3 | 12 | 15 => Code::Failure(Advice::Configuration),
        5 | 6 | 8 | 9 | 10 | 17 | 18 | 19 | 1003 | 1007 => Code::Failure(Advice::DoNotRetry),
        _ => Code::Unlisted,
    }
}

/// What a number says in the answer to a funds transfer. That table is of the version before, so a number is a failure only if every table
/// that knows it calls it one: 2 and 9 are a fault of the system's in one of them, and 11 is a like transfer within the hour.
fn transfer_code(number: i64) -> Code {
    match number {
        1 | 3 | 4 | 5 | 6 | 10 => Code::Failure(Advice::DoNotRetry),
        7 | 8 | 12 | 15 => Code::Failure(Advice::Configuration),
        11 => Code::LikeSale,
        1001 | 1002 | 1004 | 1006 => code(number),
        _ => Code::Unlisted,
    }
}

/// How an operation says that it sold, and what it means by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Success {
    /// `statusCode` 0: sold.
    Sold,
    /// `statusCode` 0: taken in, and final only by enquiry. Electricity, on every endpoint.
    TakenIn,
    /// `responseCode` SUCCESS: sold, since the goods are in the answer.
    CodeSold,
    /// `responseCode` SUCCESS: taken in, and final only by enquiry (Table 1).
    CodeTakenIn,
    /// `responseCode` SUCCESS: transferred. Its codes are not those of Table 3.
    Transferred,
}

impl Success {
    /// What a synchronous recharge with `product` means by it.
    pub(super) fn of(product: u32) -> Self {
        if ELECTRICITY.contains(&product) {
            Self::TakenIn
        } else {
            Self::Sold
        }
    }

    fn is_said_by(self, said: &Said) -> bool {
        match self {
            Self::Sold | Self::TakenIn => said.is_success(),
            Self::CodeSold | Self::CodeTakenIn | Self::Transferred => said.is_code_success(),
        }
    }

    fn code(self, number: i64) -> Code {
        match self {
            Self::Transferred => transfer_code(number),
            _ => code(number),
        }
    }
}

/// Reads the answer to any sale.
pub(super) fn judge(delivery: Delivery<Reading>, success: Success) -> Verdict {
    match delivery {
        Delivery::NotSent(obstacle) => Verdict::NotSent(obstacle),
        Delivery::MaybeSent(loss) => Verdict::Ambiguous(Doubt::Lost(loss)),
        Delivery::Answered(reading) => answered(reading, success),
    }
}

fn answered(reading: Reading, success: Success) -> Verdict {
    let Reading {
        status,
        retry_after,
        body,
    } = reading;
    let said = body.said();
    match said.code.map(|number| success.code(number)) {
        Some(Code::Pending) => return pending(&body),
        Some(Code::Duplicate) => return Verdict::Ambiguous(Doubt::Duplicate),
        _ if said.status_code == StatusCode::Is(3) => return pending(&body),
        _ => {}
    }
    match (status, &body) {
        (200, Body::Sale { vend, .. }) if success.is_said_by(&said) => sold(vend.clone(), success),
        (200 | 400, Body::Sale { .. }) => refused(&said, Witness::None, success),
        (400, Body::Bare(_)) if !said.foreign => refused(&said, Witness::None, success),
        (200 | 400, Body::Bare(_)) => refused(&said, Witness::Windows, success),
        (401, Body::Login(text)) => unauthorised(text),
        (403, Body::Bare(_)) if !said.foreign => {
            Verdict::Refused(said.refusal(Advice::Configuration), Witness::None)
        }
        (403..=405 | 413 | 415, _) => {
            let refusal = Refusal {
                code: said.code,
                message: format!("HTTP {status}"),
                advice: Advice::DoNotRetry,
            };
            Verdict::Refused(refusal, Witness::Windows)
        }
        (503, _) => Verdict::Ambiguous(Doubt::Busy { retry_after }),
        _ => unlisted(format!("HTTP {status} with {}", body.describe())),
    }
}

fn sold(vend: Vend, success: Success) -> Verdict {
    match success {
        Success::Sold | Success::CodeSold | Success::Transferred => Verdict::Vended(vend),
        Success::TakenIn | Success::CodeTakenIn => Verdict::Pending {
            provider_reference: vend.provider_reference,
        },
    }
}

fn pending(body: &Body) -> Verdict {
    let provider_reference = match body {
        Body::Sale { vend, .. } => vend.provider_reference.clone(),
        _ => None,
    };
    Verdict::Pending { provider_reference }
}

/// A failure, if every indicator says so; `least` is the witness that it needs at the least.
fn refused(said: &Said, least: Witness, success: Success) -> Verdict {
    if !said.is_failure() {
        return unlisted("indicators that disagree".into());
    }
    let (status_code, least) = said.by_response_code(least);
    let code = said
        .code
        .map_or(Code::Unlisted, |number| success.code(number));
    let (advice, witness) = match (code, status_code) {
        (Code::LikeSale, StatusCode::Is(1 | 2) | StatusCode::None) => (
            Advice::NewReferenceAfter(LIKE_SALE_WINDOW),
            // The like sale may be this very one, delivered twice by the network and still in work: then no enquiry shows it yet.
            Witness::Windows,
        ),
        (Code::Failure(_), StatusCode::Is(1)) => (Advice::NewReference, Witness::Enquiry),
        // Whoever is told to sell again with a new reference must be sure of the old one.
        (Code::Failure(Advice::NewReference), StatusCode::Is(2) | StatusCode::None) => {
            (Advice::NewReference, Witness::Enquiry)
        }
        (Code::Failure(advice), StatusCode::Is(2) | StatusCode::None) => (advice, Witness::None),
        (Code::Unlisted, StatusCode::Is(1)) => (Advice::NewReference, Witness::Windows),
        (Code::Unlisted, StatusCode::Is(2) | StatusCode::None) => {
            (Advice::DoNotRetry, Witness::Windows)
        }
        _ => return unlisted("a statusCode that is in no table".into()),
    };
    Verdict::Refused(said.refusal(advice), witness.max(least))
}

fn unauthorised(text: &str) -> Verdict {
    if reading::is_source_address(text) {
        Verdict::Denied(Denial::SourceAddress)
    } else {
        Verdict::TokenRefused
    }
}

fn unlisted(what: String) -> Verdict {
    Verdict::Ambiguous(Doubt::Unlisted(what))
}

#[cfg(test)]
mod tests;
