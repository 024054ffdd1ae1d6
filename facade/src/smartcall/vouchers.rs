//! **The rule: every voucher that was paid for is given out or counted as missing, and none is lost because of another.**
//!
//! Vouchers whose PINs come in the answer to the purchase (chapter 10 u), the query for them (10 v, by the Smartload reference), and the stock
//! (10 w). "Storing voucher PINs unencrypted has inherent security issues": nothing here stores one; an enquiry gives them again.
//!
//! Class: nothing says that the service refuses a reference that it has seen, so a lost purchase is enquired about and never made again. What
//! the enquiry finds is only believed to be this purchase if the query does not say that there is none.

use std::sync::Arc;

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;
use serde::{Deserialize, Serialize};

use super::accounts::success;
use super::classify::{Success, judge};
use super::client::Client;
use super::goods::{self, digits, each, number};
use super::reading::{self, text};
use super::recharges::answered;
use super::sales::{Counter, not_sent};
use crate::domain::{Date, Pin, PinKind, ProductId, Receipt, Reference, Secret, Timestamp};
use crate::error::{Error, Invalid, ReadError};
use crate::journal::{Intent, Service};
use crate::outcome::Outcome;
use crate::recovery::{Class, Delivery, Vend, Verdict};
use crate::transport::delivery::{Answer, Body, delivery};

/// The purchase, by its name in the document.
pub(super) const PURCHASE: &str = "createBatchVouchers";

/// Vouchers in one answer.
pub(super) const CLASSES: &[(&str, Class)] = &[
    (PURCHASE, Class::EnquirableOnly),
    ("getBatchVouchers", Class::Read),
    ("getVoucherStock", Class::Read),
];

/// The most vouchers of one order. No document gives a limit; a larger number is a slip, and an answer that nobody wants to lose.
const QUANTITY_MAX: u32 = 10_000;
/// From how many digits on a PIN is believed that arrives as a number: of one with fewer, zeros may be lost.
const PIN_DIGITS_MIN: usize = 10;

/// Vouchers of one product, at the product's price: in one answer ([`Client::buy_vouchers`], chapter 10 u), or as a file
/// ([`Client::order_voucher_file`], chapter 10 l).
///
/// ```
/// use recharge::smartcall::VoucherOrder;
/// let order = VoucherOrder::new("66".parse()?, 3)?;
/// println!("kept before it is sent: {}", order.reference());
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct VoucherOrder {
    reference: Reference,
    product: ProductId,
    quantity: u32,
}

/// How many, as the journal keeps it.
#[derive(Serialize, Deserialize)]
pub(super) struct Options {
    pub(super) quantity: u32,
}

impl VoucherOrder {
    /// Orders `quantity` vouchers, with a new random reference.
    ///
    /// # Errors
    /// When the quantity is not 1 to 10,000.
    pub fn new(product: ProductId, quantity: u32) -> Result<Self, Invalid> {
        if !(1..=QUANTITY_MAX).contains(&quantity) {
            return Err(Invalid::new("quantity", "must be 1 to 10000"));
        }
        Ok(Self {
            reference: Reference::random(),
            product,
            quantity,
        })
    }

    /// Orders with a reference of the caller's own. **One reference is one sale**: the same order with the same reference is carried on, not
    /// sold again.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.reference = reference;
        self
    }

    /// The reference: keep it before the order is sent.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Of which product.
    #[must_use]
    pub fn product(&self) -> ProductId {
        self.product
    }

    /// How many.
    #[must_use]
    pub fn quantity(&self) -> u32 {
        self.quantity
    }

    /// The order by an operation. What it costs is the catalogue's to say, so the journal keeps an amount of zero.
    pub(super) fn intent(
        &self,
        operation: &'static str,
        account: Arc<str>,
        now: Timestamp,
    ) -> Intent {
        let options = Options {
            quantity: self.quantity,
        };
        Intent {
            service: Service::Smartcall,
            account,
            reference: self.reference.clone(),
            operation: operation.into(),
            target: "".into(),
            product: self.product.get(),
            amount: rust_decimal::Decimal::ZERO,
            // One number: it always serialises.
            options: serde_json::to_string(&options).unwrap_or_default().into(),
            created_at: now,
        }
    }
}

impl Client {
    /// Buys vouchers (`POST /smartload/batchvouchers`, chapter 10 u): journaled first, bought at most once, recovered by enquiry. An order whose
    /// reference is in the journal is carried on, not sold again. The work goes on when the future is dropped.
    ///
    /// The PINs are in the receipt of [`Outcome::Vended`], and **nowhere else**: the journal keeps none. Where [`Receipt::missing`] is not zero,
    /// or the receipt is empty because the sale had ended before, ask by [`vouchers`](Self::vouchers).
    ///
    /// # Errors
    /// An error means that **no money moved**. Its variant says whether to sell again, and with which reference.
    pub async fn buy_vouchers(&self, order: &VoucherOrder) -> Result<Outcome, Error> {
        let now = self.lines().ambient.wall();
        self.sell(order.intent(PURCHASE, self.payer(), now)).await
    }

    /// The vouchers of a purchase again, by our reference (chapter 10 v; a month). The Smartload reference is taken from the journal, or else
    /// asked for. `None` if the service does not know the purchase, **which is no proof that it was not made**.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn vouchers(&self, reference: &Reference) -> Result<Option<Receipt>, ReadError> {
        let Some(known) = self.smartload_reference(reference).await? else {
            return Ok(None);
        };
        let journaled = self.journaled(reference).await.ok().flatten();
        let ordered = journaled.map_or(0, |entry| quantity(&entry.intent));
        self.query(&known, ordered).await
    }

    /// The same by the Smartload reference.
    ///
    /// # Errors
    /// When the reference cannot be one, or as above.
    pub async fn vouchers_of_smartload(
        &self,
        smartload_reference: &str,
    ) -> Result<Option<Receipt>, ReadError> {
        self.query(smartload_reference, 0).await
    }

    async fn query(&self, known: &str, ordered: u32) -> Result<Option<Receipt>, ReadError> {
        goods::check_smartload_reference(known)?;
        self.let_in().await?;
        let account = self.payer();
        let answer = self.raw().get_batch_vouchers(&account, known).await;
        read(delivery(answer).await, ordered)
    }

    /// How many vouchers of a product are in stock (`GET /smartload/voucherstock/{productId}`, chapter 10 w). Worth asking before a bulk
    /// purchase only: the service watches its stock itself.
    ///
    /// # Errors
    /// When the service does not let us in, does not say, or does not answer.
    pub async fn voucher_stock(&self, product: ProductId) -> Result<u32, ReadError> {
        self.let_in().await?;
        let answer = self.raw().get_voucher_stock(product.get().into()).await;
        let body = success(delivery(answer).await)?;
        goods::well(&body, &body.error, &body.response_code)?;
        number(&body.stock_level)
            .ok_or_else(|| ReadError::Unreadable("answered without a stock level".into()))
    }
}

/// How many vouchers were ordered.
pub(super) fn quantity(intent: &Intent) -> u32 {
    let options: Result<Options, _> = serde_json::from_str(&intent.options);
    options.map_or(0, |options| options.quantity)
}

/// Buys once.
pub(super) async fn send(counter: Counter<'_>, intent: &Intent) -> Verdict {
    let ordered = quantity(intent);
    let Some(quantity) = i32::try_from(ordered).ok().filter(|quantity| *quantity > 0) else {
        return not_sent("the journal's row cannot be sent");
    };
    let request = types::BatchVoucherRequest {
        smartload_id: intent.account.to_string().into(),
        client_reference: intent.reference.to_string().into(),
        product_id: i64::from(intent.product).into(),
        quantity: quantity.into(),
        ..Default::default()
    };
    let answer = counter.deliver(counter.bindings.create_batch_vouchers(&request));
    let verdict = bought(answer.await, ordered);
    if let Verdict::Vended(Vend {
        balance: Some(balance),
        ..
    }) = &verdict
    {
        counter
            .board
            .feed(&(), *balance, counter.lines.ambient.now());
    }
    complete(counter, intent, verdict).await
}

/// What the answer to a purchase says.
fn bought(mut delivery: Delivery<Answer<types::BatchVoucherResponse>>, ordered: u32) -> Verdict {
    let mut goods = Vend::default();
    if let Delivery::Answered(Answer {
        body: Body::Typed(body),
        ..
    }) = &mut delivery
    {
        goods = Vend {
            provider_reference: goods::reference(&body.order_reference_id),
            balance: body.dealer_balance.copied(),
            // The PINs go no further than this.
            receipt: receipt(&std::mem::take(&mut body.vouchers), ordered),
        };
    }
    match judge(answered(delivery, reading::coded), Success::CodeSold) {
        Verdict::Vended(_) if goods.receipt.pins.is_empty() => Verdict::Pending {
            provider_reference: goods.provider_reference,
        },
        Verdict::Vended(_) => Verdict::Vended(goods),
        Verdict::Pending { provider_reference } => Verdict::Pending {
            provider_reference: provider_reference.or(goods.provider_reference),
        },
        other => other,
    }
}

/// Asks once more for vouchers that the answer did not have readably.
async fn complete(counter: Counter<'_>, intent: &Intent, verdict: Verdict) -> Verdict {
    let Verdict::Vended(mut vend) = verdict else {
        return verdict;
    };
    if vend.receipt.missing > 0
        && let Some(reference) = vend.provider_reference.clone()
        && let Ok(Some(receipt)) = fetch(counter, intent, &reference).await
        && receipt.missing < vend.receipt.missing
    {
        vend.receipt = receipt;
    }
    Verdict::Vended(vend)
}

/// Asks one host for the vouchers of a purchase that was found to have been made; `None` if it says that there is no such purchase.
pub(super) async fn fetch(
    counter: Counter<'_>,
    intent: &Intent,
    smartload_reference: &str,
) -> Result<Option<Receipt>, ReadError> {
    let asking = counter
        .bindings
        .get_batch_vouchers(&intent.account, smartload_reference);
    read(counter.deliver(asking).await, quantity(intent))
}

fn read(
    delivery: Delivery<Answer<types::BatchVoucherResponse>>,
    ordered: u32,
) -> Result<Option<Receipt>, ReadError> {
    let read = success(delivery).and_then(|body| {
        goods::well(&body, &body.error, &body.response_code)?;
        each(&body.vouchers)
            .map(|_| receipt(&body.vouchers, ordered))
            .ok_or_else(|| ReadError::Unreadable("answered without a list of vouchers".into()))
    });
    goods::known(read)
}

/// The vouchers of a list, in its order. Missing are the rows that cannot be read, and what was ordered and is not there.
fn receipt(list: &Field<Vec<types::BatchVoucher>>, ordered: u32) -> Receipt {
    let rows = each(list).unwrap_or_default();
    let all = rows.len().max(usize::try_from(ordered).unwrap_or_default());
    let pins: Vec<Pin> = rows.iter().flatten().filter_map(voucher).collect();
    Receipt {
        missing: all - pins.len(),
        ..Receipt::of(pins)
    }
}

fn voucher(row: &types::BatchVoucher) -> Option<Pin> {
    let code = digits(&row.voucher_pin, PIN_DIGITS_MIN..)?;
    Some(Pin {
        serial: text(&row.ticket_number),
        expires: row.expiry_date.copied().and_then(day),
        ..Pin::new(PinKind::Voucher, Secret::new(code))
    })
}

/// The day of a moment in milliseconds, as South Africa has it.
fn day(milliseconds: i64) -> Option<String> {
    let moment = u64::try_from(milliseconds).ok().map(Timestamp)?;
    Some(Date::in_south_africa(moment).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smartcall::answers::{answer, runtime};

    const PINS: &str = r#"[{"voucherPin":"713457265222    ","ticketNumber":"13950628970   ","expiryDate":1580076000000},
        null, 7, {"voucherPin":null}, {"voucherPin":"0001","surprise":{}}, {"voucherPin":713457265223}, {"voucherPin":12}]"#;

    fn verdict(status: u16, body: &str, ordered: u32) -> Verdict {
        runtime().block_on(async { bought(answer(status, body).await, ordered) })
    }

    fn said(error: &str, response_code: &str, vouchers: &str) -> String {
        format!(
            r#"{{"error":{error},"responseCode":{response_code},"orderReferenceId":4711,"dealerBalance":99574.75,"vouchers":{vouchers}}}"#
        )
    }

    #[test]
    fn a_foreign_row_costs_no_other_voucher_and_is_counted() {
        let Verdict::Vended(vend) = verdict(200, &said("null", "\"SUCCESS\"", PINS), 7) else {
            panic!("not vended");
        };
        let codes: Vec<_> = vend
            .receipt
            .pins
            .iter()
            .map(|pin| pin.code.expose())
            .collect();
        assert_eq!(codes, ["713457265222", "0001", "713457265223"]);
        assert_eq!(vend.receipt.missing, 4);
        let first = &vend.receipt.pins[0];
        assert_eq!(first.serial.as_deref(), Some("13950628970"));
        assert_eq!(first.expires.as_deref(), Some("2020-01-27"));
        assert_eq!(vend.provider_reference.as_deref(), Some("4711"));
        assert_eq!(vend.balance, "99574.75".parse().ok());
    }

    #[test]
    fn fewer_vouchers_than_were_ordered_are_missing() {
        let one = r#"[{"voucherPin":"1"}]"#;
        let Verdict::Vended(vend) = verdict(200, &said("null", "\"SUCCESS\"", one), 3) else {
            panic!("not vended");
        };
        assert_eq!((vend.receipt.pins.len(), vend.receipt.missing), (1, 2));
    }

    #[test]
    fn a_success_without_a_voucher_is_pending() {
        for vouchers in ["null", "[]", "[null]", "\"x\"", "{}", "7"] {
            assert_eq!(
                verdict(200, &said("null", "\"SUCCESS\"", vouchers), 1),
                Verdict::Pending {
                    provider_reference: Some("4711".into())
                },
                "{vouchers}"
            );
        }
    }

    #[test]
    fn vouchers_beside_anything_but_a_success_are_no_sale() {
        let error = r#"{"code":18,"message":"Error (No Stock)"}"#;
        for (status, body) in [
            (200, said(error, "\"SUCCESS\"", PINS)),
            (200, said("null", "\"APP_ERROR\"", PINS)),
            (200, said("null", "null", PINS)),
            (201, said("null", "\"SUCCESS\"", PINS)),
            (500, said("null", "\"SUCCESS\"", PINS)),
        ] {
            let verdict = verdict(status, &body, 7);
            assert!(
                matches!(verdict, Verdict::Ambiguous(_)),
                "{status} {body}: {verdict:?}"
            );
        }
        let verdict = verdict(400, error, 7);
        assert!(
            matches!(verdict, Verdict::Refused(_, crate::recovery::Witness::None)),
            "{verdict:?}"
        );
    }

    #[test]
    fn a_quantity_outside_of_1_to_10000_is_refused() {
        let product: ProductId = "66".parse().expect("a product");
        for quantity in [0, 10_001, u32::MAX] {
            let refused = VoucherOrder::new(product, quantity).expect_err("refused");
            assert_eq!(
                (refused.field(), refused.rule()),
                ("quantity", "must be 1 to 10000")
            );
        }
        assert!(
            VoucherOrder::new(product, 1).is_ok() && VoucherOrder::new(product, 10_000).is_ok()
        );
    }
}
