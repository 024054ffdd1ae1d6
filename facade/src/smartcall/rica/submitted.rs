//! **The rule: a registration is sent once, and a lost answer is a value.** Only what the answer says in so many words counts as accepted or
//! refused.
//!
//! | answer | what became of it |
//! |---|---|
//! | no connection, no token | not sent: an error |
//! | 401 in the form of a login answer | not looked at: an error |
//! | 200, `error` null, `responseCode` SUCCESS or 0, or a reference and no code | accepted |
//! | 200 or 400 with `error` filled, 400 or 403 with a bare `code` and `message` | refused |
//! | 404, 405, 413, 415 | refused: the request itself was not taken |
//! | SYS_ERROR without a code of Table 10; indicators that disagree; everything else | not known |

use std::fmt;

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;
use serde::Serialize;

use super::RicaCode;
use crate::error::Invalid;
use crate::recovery::{Delivery, Denial, Obstacle};
use crate::smartcall::reading::{self, ErrorMember, text};
use crate::transport::delivery::{Answer, Body};

/// What became of a registration. No money moves by one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a registration of which nothing is known must be looked after"]
pub enum Submitted {
    /// Taken in: it will be processed. The reference, if the answer gave it, is what its status is asked for by.
    Accepted(Option<RicaReference>),
    /// Not taken in. What is wrong can be mended and submitted as a new registration.
    Refused(RicaRefusal),
    /// It is not known whether it was taken in. It is never sent again by itself.
    Unknown(NotKnown),
}

/// Why a registration was not taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RicaRefusal {
    /// The code of Table 10, if the answer had one. [`RicaCode::BeingProcessed`] says that an earlier registration of the same SIM **was**
    /// taken in: most likely the one whose answer was lost.
    pub code: Option<RicaCode>,
    /// The service's text.
    pub message: String,
}

/// Why nothing is known of a registration, and how to find out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotKnown {
    /// What was lost, or what the answer said that cannot be relied on.
    pub reason: String,
    /// What tells, for a person.
    pub enquiry: &'static str,
}

/// Why a registration was not submitted. **Nothing was taken in**: submit it again once that is mended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// Something in it is not valid; nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The service did not let us in; it looked at nothing.
    #[error(transparent)]
    Denied(Denial),
    /// No host could be reached; nothing was sent.
    #[error("not sent: {0}")]
    NotSent(Obstacle),
}

/// A reference that the service gave to a registration, of a SIM or of an agent: what its status is asked for by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RicaReference(Box<str>);

impl RicaReference {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for RicaReference {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let plain = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
            // "." and ".." would be another path.
            && text.bytes().any(|byte| byte.is_ascii_alphanumeric());
        if !plain {
            return Err(Invalid::new(
                "rica_reference",
                "must be 1 to 64 visible characters with a letter or digit, without blanks and backslashes",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for RicaReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An answer to a submission.
pub(super) trait Receipt: Serialize {
    fn error(&self) -> &Field<types::Error>;
    fn response_code(&self) -> &Field<String>;
    fn reference(&self) -> &Field<String>;
}

impl Receipt for types::RegistrationResponse {
    fn error(&self) -> &Field<types::Error> {
        &self.error
    }

    fn response_code(&self) -> &Field<String> {
        &self.response_code
    }

    fn reference(&self) -> &Field<String> {
        &self.rica_reference
    }
}

impl Receipt for types::AgentRegistrationResponse {
    fn error(&self) -> &Field<types::Error> {
        &self.error
    }

    fn response_code(&self) -> &Field<String> {
        &self.response_code
    }

    fn reference(&self) -> &Field<String> {
        &self.agent_registration_id
    }
}

/// Reads what became of a submission.
pub(super) fn outcome<T: Receipt + serde::de::DeserializeOwned>(
    delivery: Delivery<Answer<T>>,
    enquiry: &'static str,
) -> Result<Submitted, SubmitError> {
    let unknown = |reason: String| Ok(Submitted::Unknown(NotKnown { reason, enquiry }));
    let answer = match delivery {
        Delivery::Answered(answer) => answer,
        Delivery::NotSent(obstacle) => return Err(SubmitError::NotSent(obstacle)),
        Delivery::MaybeSent(loss) => return unknown(loss.to_string()),
    };
    let status = answer.status;
    let bytes = match &answer.body {
        Body::Typed(body) => serde_json::to_vec(body).unwrap_or_default(),
        Body::Raw(bytes) => bytes.to_vec(),
    };
    if let (401, Some(text)) = (status, reading::login(&bytes)) {
        return Err(SubmitError::Denied(if reading::is_source_address(&text) {
            Denial::SourceAddress
        } else {
            Denial::Credentials(text)
        }));
    }
    let told = match status {
        200 | 400 | 403 => said::<T>(&bytes),
        404 | 405 | 413 | 415 => Some(refused(None, format!("HTTP {status}"))),
        _ => None,
    };
    match told {
        Some(Submitted::Accepted(_)) if status != 200 => unknown(format!("HTTP {status}")),
        Some(Submitted::Refused(refusal)) if refusal.code == Some(RicaCode::Success) => {
            unknown("an error with the code of a success".into())
        }
        Some(told) => Ok(told),
        None => unknown(format!("HTTP {status} with an answer that says neither")),
    }
}

/// What a body says in so many words.
fn said<T: Receipt + serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<Submitted> {
    if let Some(said) = reading::bare(bytes) {
        return (!said.foreign).then(|| refused(said.code, said.message));
    }
    let body: T = serde_json::from_slice(bytes).ok()?;
    if body.error().other().is_some() {
        return None;
    }
    let (error, code, message) = reading::error_member(body.error());
    let word = word(body.response_code());
    let number = word.as_ref().and_then(|word| word.parse::<i64>().ok());
    let is = |wanted: &str| {
        word.as_ref()
            .is_some_and(|word| word.eq_ignore_ascii_case(wanted))
    };
    let success = is("SUCCESS") || number == Some(0);
    let reference = reference(body.reference());
    match error {
        // Members that are not there say nothing; with a reference or a success nothing needs to be said.
        ErrorMember::Null | ErrorMember::Unclear if success => Some(Submitted::Accepted(reference)),
        ErrorMember::Null if word.is_none() && reference.is_some() => {
            Some(Submitted::Accepted(reference))
        }
        ErrorMember::Null if number.is_some() && reference.is_none() => {
            Some(refused(number, message.unwrap_or_default()))
        }
        ErrorMember::Filled if success || reference.is_some() => None,
        ErrorMember::Filled => {
            let code = code.or(number);
            let listed = code.is_some_and(|code| RicaCode::new(code).text().is_some());
            // A fault in between says nothing of the side on which it happened, unless the table does.
            (listed || !is("SYS_ERROR")).then(|| refused(code, message.unwrap_or_default()))
        }
        ErrorMember::Null | ErrorMember::Unclear => None,
    }
}

fn refused(code: Option<i64>, message: String) -> Submitted {
    Submitted::Refused(RicaRefusal {
        code: code.map(RicaCode::new),
        message,
    })
}

/// A word, also where it is written as a number.
fn word(field: &Field<String>) -> Option<String> {
    text(field).or_else(|| {
        let raw = field.other()?.get();
        let number = raw
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
        number.then(|| raw.to_owned())
    })
}

pub(super) fn reference(field: &Field<String>) -> Option<RicaReference> {
    word(field)?.parse().ok()
}

#[cfg(test)]
mod tests;
