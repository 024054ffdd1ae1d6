//! Prevend, `POST /smartload/prevend` (chapter 10 j): **asks a network whether a recharge would go through, and sells nothing.**
//!
//! The recharge that follows has the same reference on mobile networks, so the two are one order: [`Prevended::order`]. The service takes a
//! reference for one prevend only, so a lost answer costs the reference, and both start again with a new one ([`RechargeOrder::renewed`]).
//! Electricity may be sold with another reference than its prevend had. Of the mobile networks only Vodacom, MTN and Telkom offer this, and
//! only for what is no voucher. A prevend expires: the recharge is then refused with code 17.
//!
//! A refusal is HTTP 200 with `responseCode` APP_ERROR, SYS_ERROR or INV_REQUEST (Table 1), and no member `error`.

use super::asynchronous::request;
use super::client::Client;
use super::codes::{Code, Table};
use super::electricity::ElectricityOrder;
use super::errands::{Errand, NotDone};
use super::order::RechargeOrder;
use super::reading::{Body, Reading};
use crate::domain::Reference;
use crate::error::Invalid;
use crate::journal::Intent;
use crate::recovery::{Class, Denial, Doubt, Host, Obstacle};

/// The operation, by its name in the document.
const PREVEND: &str = "createPrevend";

/// What may be done about a lost answer.
pub(super) const CLASSES: &[(&str, Class)] = &[(PREVEND, Class::Prevend)];

/// An order that its network says would go through. Sell it soon.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "nothing is sold yet"]
pub struct Prevended {
    order: RechargeOrder,
}

impl Prevended {
    /// The recharge that was asked about, with the reference that it must have: for [`Client::recharge`] or [`Client::submit`]. Nothing is
    /// sold before.
    #[must_use]
    pub fn order(&self) -> &RechargeOrder {
        &self.order
    }
}

/// Why a prevend did not say that the recharge would go through. **Nothing was sold**, whichever variant it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrevendError {
    /// The order is not valid; nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The journal holds a sale with this reference; nothing was sent.
    #[error("{reference}: the journal holds a sale with this reference")]
    ReferenceTaken {
        /// The reference of that sale.
        reference: Reference,
    },
    /// No host could be reached. Ask again, with the same reference.
    #[error("{reference}: not sent: {obstacle}")]
    NotSent {
        /// The reference, unused.
        reference: Reference,
        /// What stood in the way.
        obstacle: Obstacle,
    },
    /// The service did not let us in. Ask again with the same reference once that is mended.
    #[error("{reference}: not sent: {denial}")]
    Denied {
        /// The reference, unused.
        reference: Reference,
        /// Why.
        denial: Denial,
    },
    /// The recharge would not go through, or that cannot be found out now (SYS_ERROR). The reference is used up: ask again with a new one.
    #[error("{reference}: {code}: {message}")]
    Refused {
        /// The reference, used up.
        reference: Reference,
        /// The code of Table 1.
        code: Code,
        /// The network's text. For people: never branch on it.
        message: String,
    },
    /// The answer was lost, or cannot be understood. The reference is used up: ask again with a new one.
    #[error("{reference}: {doubt}")]
    Lost {
        /// The reference, used up.
        reference: Reference,
        /// What is known of it.
        doubt: Doubt,
    },
}

impl Client {
    /// Asks whether a recharge would go through (`POST /smartload/prevend`, chapter 10 j). Moves no money and is not journaled; the recharge
    /// that follows is.
    ///
    /// # Errors
    /// When it would not, or the answer does not say that it would. Each says what becomes of the reference.
    pub async fn prevend(&self, order: &RechargeOrder) -> Result<Prevended, PrevendError> {
        order.mobile()?;
        if order.options().voucher {
            return Err(Invalid::new(
                "voucher",
                "must not be asked for: only pinless products have a prevend",
            )
            .into());
        }
        let intent = order.intent(PREVEND, self.payer(), self.wall());
        self.prevended(&intent).await?;
        Ok(Prevended {
            order: order.clone(),
        })
    }

    /// Asks whether electricity could be sold to a meter (chapter 10 j). The prevend has a reference of its own, which the sale need not
    /// share: the order's stays unused, whatever becomes of this, and the references in the errors are the prevend's.
    ///
    /// # Errors
    /// When it could not, or the answer does not say that it could.
    pub async fn prevend_electricity(&self, order: &ElectricityOrder) -> Result<(), PrevendError> {
        let intent = Intent {
            reference: Reference::random(),
            ..order.intent(self.payer(), self.wall())
        };
        self.prevended(&intent).await
    }

    /// Sends the prevend of an order.
    async fn prevended(&self, intent: &Intent) -> Result<(), PrevendError> {
        let reference = intent.reference.clone();
        if let Ok(Some(_)) = self.journaled(&reference).await {
            return Err(PrevendError::ReferenceTaken { reference });
        }
        let Ok(request) = request(intent) else {
            return Err(Invalid::new("order", "must be one that can be written").into());
        };
        let answer = Errand::Prevend(&request).run(&self.driver().provider, Host(0));
        match answer.await {
            Ok(Ok(reading)) => read(reading, reference),
            Ok(Err(loss)) => Err(PrevendError::Lost {
                reference,
                doubt: Doubt::Lost(loss),
            }),
            Err(NotDone::Unreachable(obstacle)) => Err(PrevendError::NotSent {
                reference,
                obstacle,
            }),
            Err(NotDone::Denied(denial)) => Err(PrevendError::Denied { reference, denial }),
        }
    }
}

fn read(reading: Reading, reference: Reference) -> Result<(), PrevendError> {
    let said = reading.body.said();
    let code = said
        .response_code
        .as_deref()
        .map(|code| Code::new(Table::Response, code));
    match (reading.status, &reading.body, code) {
        (200, Body::Sale { .. }, Some(code)) if said.is_prevend_success() => {
            tracing::debug!(%reference, %code, "prevend");
            Ok(())
        }
        (200, Body::Sale { .. }, Some(code)) if code.is_known() && code.as_str() != "SUCCESS" => {
            Err(PrevendError::Refused {
                reference,
                code,
                message: said.message,
            })
        }
        (400 | 403, Body::Bare(said), _) if !said.foreign => Err(PrevendError::Refused {
            reference,
            code: Code::new(Table::Recharge, said.code.unwrap_or_default()),
            message: said.message.clone(),
        }),
        (status, body, _) => Err(PrevendError::Lost {
            reference,
            doubt: Doubt::Unlisted(format!("HTTP {status} with {}", body.describe())),
        }),
    }
}

#[cfg(test)]
mod tests;
