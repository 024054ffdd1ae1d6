//! **The rule: a file is there whole or not at all, and its password is kept nowhere.**
//!
//! Vouchers as a file: the order (chapter 10 l), the download (10 m), and the file made again under a new password (10 n). The answer to the
//! order holds the password of the file, which the service chooses. Whoever has lost it has the file made again.
//!
//! Class: nothing says that the service refuses a reference that it has seen, so a lost order is enquired about and never made again: by the
//! transaction, and by asking for the file under our reference. Either proves the order; if neither does, it stays unresolved.

mod download;
#[cfg(feature = "voucher-files")]
mod reader;

use recharge_bindings::smartcall::types;

pub use download::{Downloaded, FileError};
#[cfg(feature = "voucher-files")]
pub use reader::{FileVoucher, FileVouchers, VoucherFileError};

use super::accounts;
use super::classify::Success;
use super::client::Client;
use super::goods;
use super::reading;
use super::recharges::answered;
use super::sales::{Counter, not_sent};
use super::vouchers::{VoucherOrder, quantity};
use crate::domain::{Pin, PinKind, Receipt, Reference, Secret};
use crate::error::{Error, ReadError};
use crate::journal::Intent;
use crate::outcome::Outcome;
use crate::recovery::{Class, Delivery, Finding, Host, Vend, Verdict};
use crate::transport::delivery::{Answer, Body};

/// The order, by its name in the document.
pub(super) const ORDER: &str = "createBatchOrder";

/// Vouchers as a file. To make the file again voids the password that somebody may hold, so it is done only when asked for.
pub(super) const CLASSES: &[(&str, Class)] = &[
    (ORDER, Class::EnquirableOnly),
    ("getBatchOrderFile", Class::Read),
    ("recreateBatchFile", Class::Control),
];

/// A file that was made again.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecreatedFile {
    /// The password of the new file. That of the one before is void.
    pub password: Secret,
    /// The new file's number at the service, if it gave one.
    pub number: Option<String>,
}

impl Client {
    /// Orders vouchers as a file (`POST /smartload/batchorders`, chapter 10 l): journaled first, ordered at most once, recovered by enquiry. An
    /// order whose reference is in the journal is carried on, not made again. The work goes on when the future is dropped.
    ///
    /// The password of the file is the one PIN in the receipt of [`Outcome::Vended`] ([`PinKind::FilePassword`]), and **nowhere else**: the
    /// journal does not keep it. Where [`Receipt::missing`] is not zero, or the receipt is empty because the order had ended before, ask for
    /// a new one by [`recreate_voucher_file`](Self::recreate_voucher_file). The vouchers come by
    /// [`download_voucher_file`](Self::download_voucher_file).
    ///
    /// # Errors
    /// An error means that **no money moved**. Its variant says whether to order again, and with which reference.
    pub async fn order_voucher_file(&self, order: &VoucherOrder) -> Result<Outcome, Error> {
        self.sell(order.intent(ORDER, self.payer(), self.wall()))
            .await
    }

    /// Has the file of an order made again, with the same vouchers under a new password (`POST /smartload/batchfile`, chapter 10 n). **The
    /// password before is void**; so is a file that was downloaded before. Moves no money.
    ///
    /// # Errors
    /// When there is no such order, or the service does not let us in or does not answer. A file may have been made all the same: ask again.
    pub async fn recreate_voucher_file(
        &self,
        reference: &Reference,
    ) -> Result<RecreatedFile, FileError> {
        self.let_in().await?;
        let request = types::BatchFileRequest {
            smartload_id: self.account().to_string().into(),
            client_reference: reference.to_string().into(),
            ..Default::default()
        };
        let mut obstacle = ReadError::Unreachable(String::new());
        for host in 0..self.lines().hosts.count() {
            let Some(counter) = self.counter(Host(host)) else {
                break;
            };
            let answer = counter
                .deliver(counter.bindings.recreate_batch_file(&request))
                .await;
            match answer {
                // The next host is asked only if this one was not.
                Delivery::NotSent(why) => obstacle = ReadError::Unreachable(why.0),
                answer => return recreated(answer),
            }
        }
        Err(obstacle.into())
    }
}

fn recreated(
    answer: Delivery<Answer<types::BatchFileResponse>>,
) -> Result<RecreatedFile, FileError> {
    let body = accounts::success(answer).and_then(|body| {
        goods::well(&body, &body.error, &body.response_code)?;
        Ok(body)
    });
    let body = goods::known(body)?.ok_or(FileError::DoesNotExist)?;
    let password = reading::text(&body.file_password)
        .ok_or_else(|| ReadError::Unreadable("answered without a password".into()))?;
    Ok(RecreatedFile {
        password: Secret::new(password),
        number: goods::reference(&body.order_reference_id),
    })
}

/// Orders once.
pub(super) async fn send(counter: Counter<'_>, intent: &Intent) -> Verdict {
    let Some(quantity) = i32::try_from(quantity(intent))
        .ok()
        .filter(|quantity| *quantity > 0)
    else {
        return not_sent("the journal's row cannot be sent");
    };
    let request = types::BatchOrderRequest {
        smartload_id: intent.account.to_string().into(),
        client_reference: intent.reference.to_string().into(),
        product_id: i64::from(intent.product).into(),
        quantity: quantity.into(),
        ..Default::default()
    };
    let mut answer = counter
        .deliver(counter.bindings.create_batch_order(&request))
        .await;
    let mut password = None;
    if let Delivery::Answered(Answer {
        body: Body::Typed(body),
        ..
    }) = &mut answer
    {
        // It goes no further than this.
        password = reading::text(&std::mem::take(&mut body.file_password));
    }
    match counter.judge(answered(answer, reading::coded), Success::CodeSold) {
        Verdict::Vended(vend) if password.is_none() && vend.provider_reference.is_none() => {
            Verdict::Pending {
                provider_reference: None,
            }
        }
        Verdict::Vended(vend) => Verdict::Vended(Vend {
            receipt: receipt(password),
            ..vend
        }),
        other => other,
    }
}

fn receipt(password: Option<String>) -> Receipt {
    let pin = password.map(|password| Pin::new(PinKind::FilePassword, Secret::new(password)));
    Receipt {
        missing: usize::from(pin.is_none()),
        ..Receipt::of(pin.into_iter().collect())
    }
}

/// What the enquiry about the transaction found, held against what asking for the file finds.
pub(super) async fn proved(hosts: &[Counter<'_>], intent: &Intent, found: Finding) -> Finding {
    if matches!(
        found,
        Finding::Failed(_) | Finding::Cancelled | Finding::Differs(_)
    ) {
        return found;
    }
    let mut file = Err(None);
    for host in hosts {
        file = match (file, download::probe(*host, intent).await) {
            (_, Ok(())) => Ok(()),
            (file @ Err(Some(FileError::NotReady)), _) => file,
            (_, Err(error @ (FileError::NotReady | FileError::DoesNotExist))) => Err(Some(error)),
            (file, Err(_)) => file,
        };
        if file.is_ok() {
            break;
        }
    }
    match (found, file) {
        (Finding::Vended(vend), Ok(()) | Err(None | Some(FileError::NotReady))) => {
            Finding::Vended(Vend {
                receipt: receipt(None),
                ..vend
            })
        }
        // Another sale under the same reference, or a host that lags behind: neither proves this order.
        (Finding::Vended(_), Err(Some(_))) => {
            Finding::Inconclusive("the transaction is no order of vouchers".into())
        }
        (Finding::Pending { provider_reference }, Ok(())) => Finding::Vended(Vend {
            provider_reference,
            receipt: receipt(None),
            ..Vend::default()
        }),
        (_, Ok(())) => Finding::Vended(Vend {
            receipt: receipt(None),
            ..Vend::default()
        }),
        (pending @ Finding::Pending { .. }, _) => pending,
        (_, Err(Some(FileError::NotReady))) => Finding::Pending {
            provider_reference: None,
        },
        (found, Err(Some(_))) => found,
        (Finding::NotSeen, Err(None)) => {
            Finding::Inconclusive("the file could not be asked for".into())
        }
        (found, Err(None)) => found,
    }
}
