//! **The rule: reading loses nothing and assumes nothing.** A body is one of the vendor's shapes, or foreign.
//!
//! Errors come in three shapes: bare `{code, message}` (400, 403), the login answer (401, 429), and wrapped in `error` (the synchronous
//! recharge). Which of them a body is follows from its members, not from the status.

use std::time::Duration;

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::domain::{Pin, PinKind, Receipt, Secret};
use crate::recovery::{Advice, Refusal, Vend, Witness};
use crate::transport::delivery;

/// The answer to a sale, in the vendor's words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Body,
}

/// The shape of a body.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    /// The shape of the synchronous recharge.
    Sale { said: Said, vend: Vend },
    /// `{code, message}`.
    Bare(Said),
    /// The answer of a login; its text.
    Login(String),
    /// None of the vendor's.
    Foreign,
}

/// The indicators of success and failure in a body.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    pub(super) error: ErrorMember,
    pub(super) code: Option<i64>,
    pub(super) status_code: StatusCode,
    /// `responseCode`, which this shape does not document; if it is there it has a say.
    pub(super) response_code: Option<String>,
    pub(super) message: String,
    /// A bare error has other members than the vendor's: somebody else may have written it.
    pub(super) foreign: bool,
}

/// The member `error`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ErrorMember {
    /// `null`: the sign of success.
    Null,
    /// An object: the sign of failure.
    Filled,
    /// Not there, or something else.
    #[default]
    Unclear,
}

/// The member `statusCode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum StatusCode {
    /// `null`, or not there.
    #[default]
    None,
    /// A number.
    Is(i32),
    /// Something else.
    Unclear,
}

impl Body {
    pub(super) fn said(&self) -> Said {
        match self {
            Self::Sale { said, .. } | Self::Bare(said) => said.clone(),
            Self::Login(_) | Self::Foreign => Said::default(),
        }
    }

    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Sale { .. } => "a recharge answer",
            Self::Bare(_) => "a bare error",
            Self::Login(_) => "a login answer",
            Self::Foreign => "a foreign body",
        }
    }
}

impl Said {
    /// `error` null and `statusCode` 0, and nothing that contradicts it (chapter 10 g).
    pub(super) fn is_success(&self) -> bool {
        self.error == ErrorMember::Null
            && self.status_code == StatusCode::Is(0)
            && self
                .response_code
                .as_deref()
                .is_none_or(|code| code == "SUCCESS")
    }

    /// `error` null and `responseCode` SUCCESS, and nothing that contradicts it (chapter 16.1).
    pub(super) fn is_code_success(&self) -> bool {
        self.error == ErrorMember::Null
            && matches!(self.status_code, StatusCode::None | StatusCode::Is(0))
            && self.says_success()
    }

    /// `responseCode` SUCCESS, and nothing that contradicts it: the answer to a prevend has no `error` (chapter 10 j).
    pub(super) fn is_prevend_success(&self) -> bool {
        self.error != ErrorMember::Filled
            && matches!(self.status_code, StatusCode::None | StatusCode::Is(0))
            && self.says_success()
    }

    /// An error, and nothing that contradicts it.
    pub(super) fn is_failure(&self) -> bool {
        self.error == ErrorMember::Filled
            && self.status_code != StatusCode::Is(0)
            && !self.says_success()
    }

    fn says_success(&self) -> bool {
        let says = |code: &str| code.trim().eq_ignore_ascii_case("SUCCESS");
        self.response_code.as_deref().is_some_and(says)
    }

    /// What `responseCode` adds to a failure, in the words of `statusCode` (Table 2), and the witness that is needed at the least. Table 1
    /// has two words for a fault of the system's and for one of the order's; what it does not have says nothing.
    pub(super) fn by_response_code(&self, least: Witness) -> (StatusCode, Witness) {
        let Some(response_code) = &self.response_code else {
            return (self.status_code, least);
        };
        match (
            &*response_code.trim().to_ascii_uppercase(),
            self.status_code,
        ) {
            // Table 1 does not say, as Table 2 does, that a new reference may be tried: it may be under way to the network.
            ("SYS_ERROR", StatusCode::None) => (StatusCode::Is(1), Witness::Windows),
            ("SYS_ERROR", given) => (given, Witness::Windows),
            ("APP_ERROR" | "FAILURE" | "BATCH_LIMIT_EXCEEDED" | "INV_REQUEST", given) => {
                (given, least)
            }
            (_, given) => (given, least.max(Witness::Windows)),
        }
    }

    pub(super) fn refusal(&self, advice: Advice) -> Refusal {
        Refusal {
            code: self.code,
            message: self.message.clone(),
            advice,
        }
    }
}

/// Reads the answer to a sale.
pub(super) fn sale(answer: delivery::Answer<types::SyncRechargeResponse>) -> Reading {
    let body = match answer.body {
        // Any object can be read as the documented success, so that a bare error must be looked for in what was not asked for.
        delivery::Body::Typed(body) if is_no_sale(&body) => {
            serde_json::to_vec(&body).map_or(Body::Foreign, |bytes| raw_body(&bytes))
        }
        delivery::Body::Typed(body) => sale_body(body),
        delivery::Body::Raw(bytes) => raw_body(&bytes),
    };
    Reading {
        status: answer.status,
        retry_after: answer.retry_after,
        body,
    }
}

/// Reads the answer to a sale by another operation: `error`, `responseCode`, and the members of the synchronous recharge where it has them.
pub(super) fn coded<T: Serialize>(answer: delivery::Answer<T>) -> Reading {
    let body = match answer.body {
        delivery::Body::Typed(body) => {
            serde_json::to_vec(&body).map_or(Body::Foreign, |bytes| raw_body(&bytes))
        }
        delivery::Body::Raw(bytes) => raw_body(&bytes),
    };
    Reading {
        status: answer.status,
        retry_after: answer.retry_after,
        body,
    }
}

/// A body by its members.
pub(super) fn raw_body(bytes: &[u8]) -> Body {
    if let Some(said) = bare(bytes) {
        return Body::Bare(said);
    }
    if let Some(text) = login(bytes) {
        return Body::Login(text);
    }
    serde_json::from_slice(bytes).map_or(Body::Foreign, sale_body)
}

/// None of the members by which the shape of a sale's answer is known.
fn is_no_sale(body: &types::SyncRechargeResponse) -> bool {
    body.error.is_absent()
        && body.status_code.is_absent()
        && !body.extra.contains_key("responseCode")
}

fn sale_body(body: types::SyncRechargeResponse) -> Body {
    if is_no_sale(&body) {
        return Body::Foreign;
    }
    let vend = vend(&body);
    let (error, code, message) = error_member(&body.error);
    let message = message
        .or_else(|| masked(&body.status_message))
        .or_else(|| {
            let message = body
                .extra
                .get("message")
                .filter(|text| text.get() != "null");
            message.map(|text| crate::text::masked(&json_text(text)))
        })
        .unwrap_or_default();
    let status_code = match &body.status_code {
        Field::Absent | Field::Null => StatusCode::None,
        Field::Value(code) => StatusCode::Is(*code),
        Field::Other(_) => StatusCode::Unclear,
    };
    // What is there in another form than a text has a say as well, and contradicts both.
    let response_code = body
        .extra
        .get("responseCode")
        .filter(|code| code.get() != "null")
        .map(json_text);
    Body::Sale {
        said: Said {
            error,
            code,
            status_code,
            response_code,
            message,
            foreign: false,
        },
        vend,
    }
}

/// What the member `error` says: whether it is filled, its code and its text.
pub(super) fn error_member(
    error: &Field<types::Error>,
) -> (ErrorMember, Option<i64>, Option<String>) {
    match error {
        Field::Null => (ErrorMember::Null, None, None),
        Field::Value(error) => (
            ErrorMember::Filled,
            error.code.copied().map(i64::from),
            masked(&error.message),
        ),
        Field::Absent | Field::Other(_) => (ErrorMember::Unclear, None, None),
    }
}

/// A bare error: `code` is there, and neither `error` nor `responseDescription` is.
pub(super) fn bare(bytes: &[u8]) -> Option<Said> {
    let error: types::Error = serde_json::from_slice(bytes).ok()?;
    let code = error.code.copied()?;
    let only = ![
        "error",
        "statusCode",
        "responseCode",
        "responseDescription",
        "recharge",
        "transaction",
    ]
    .iter()
    .any(|member| error.extra.contains_key(*member));
    let said = Said {
        error: ErrorMember::Filled,
        code: Some(code.into()),
        message: masked(&error.message).unwrap_or_default(),
        foreign: !error.extra.is_empty() || error.message.is_absent(),
        ..Said::default()
    };
    only.then_some(said)
}

/// The text of a login answer.
pub(super) fn login(bytes: &[u8]) -> Option<String> {
    let answer: types::AuthResponse = serde_json::from_slice(bytes).ok()?;
    let sale = [
        "error",
        "statusCode",
        "responseCode",
        "recharge",
        "transaction",
    ];
    let only = !sale.iter().any(|member| answer.extra.contains_key(*member));
    answer.response_description.into_value().filter(|_| only)
}

/// Whether the text of a 401 speaks of the caller's address: then neither the token nor the credentials are at fault. The texts are the
/// only way to tell the causes of a 401 apart.
pub(super) fn is_source_address(text: &str) -> bool {
    text.contains("Source IP")
}

/// What was sold. Transfers and payments have no `recharge`, or an empty one: reference and balance stand beside the indicators.
fn vend(body: &types::SyncRechargeResponse) -> Vend {
    let recharge = body.recharge.value();
    let beside = |name: &str| body.extra.get(name).map(json_text);
    let balance = || beside("currentDealerBalance").or_else(|| beside("balance"));
    let reference = recharge
        .and_then(|recharge| recharge.order_reference_id.copied())
        .or_else(|| beside("orderReferenceId")?.trim().parse().ok());
    Vend {
        provider_reference: reference.map(|reference: i64| reference.to_string()),
        balance: recharge
            .and_then(|recharge| recharge.balance.copied())
            .or_else(|| Decimal::from_str_exact(balance()?.trim()).ok()),
        receipt: recharge
            .map(|recharge| voucher(&recharge.voucher_pin))
            .unwrap_or_default(),
    }
}

/// The receipt of a product that is a voucher; an empty one for any other.
pub(super) fn voucher(pin: &Field<String>) -> Receipt {
    pins(pin, &Field::Absent)
}

/// The same with the PIN of free units, which electricity has. A PIN of twenty digits is a meter's.
pub(super) fn pins(pin: &Field<String>, free_units: &Field<String>) -> Receipt {
    let named = [(pin, "Purchase PIN"), (free_units, "Free Units PIN")];
    let read = |(pin, name): (&Field<String>, &str)| {
        let code = text(pin)?;
        let digits = code.bytes().filter(u8::is_ascii_digit).count();
        let meter = digits == 20 && code.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b' '));
        let kind = if meter {
            PinKind::Electricity
        } else {
            PinKind::Voucher
        };
        Some(Pin {
            description: meter.then(|| name.to_owned()),
            ..Pin::new(kind, Secret::new(code))
        })
    };
    Receipt::of(named.into_iter().filter_map(read).collect())
}

/// A text of the service's for people, fit for errors and logs.
fn masked(field: &Field<String>) -> Option<String> {
    trimmed(field).map(crate::text::masked)
}

/// A text with something in it; PINs and codes are padded with blanks.
pub(super) fn text(field: &Field<String>) -> Option<String> {
    trimmed(field).map(str::to_owned)
}

fn trimmed(field: &Field<String>) -> Option<&str> {
    let text = field.value()?.trim();
    (!text.is_empty()).then_some(text)
}

fn json_text(json: &recharge_bindings::Json) -> String {
    serde_json::from_str(json.get()).unwrap_or_else(|_| json.get().to_owned())
}
