//! Recharges: chapters 10 f (asynchronous) and 10 g (synchronous).
//!
//! undocumented:
//! * `pinless: false` of a product that is no voucher is taken for a direct recharge. A voucher that is bought here brings its
//!   PIN in `recharge`, and again in the enquiry; its number is who gets the message, and the five-minute rule looks at it.
//! * The synchronous endpoint sells a voucher as the asynchronous one does.

use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::call::Post;
use super::prevend;
use super::request::{self, Member, decimal, integer, text};
use super::selling::{Buyer, Item, Recharge, Sold, sell};
use super::vouchers::Voucher;
use super::wire::{self, ErrorBody};
use crate::catalogue::{Family, Product, airtime_for, is_variable_airtime};
use crate::ledger::{Ending, Order};
use crate::rules::{self, Api, Asked, Priced, Refusal, Verdict};
use crate::view::EntryKind;
use crate::world::World;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Body {
    pub(super) smartload_id: Member,
    pub(super) client_reference: Member,
    sms_recipient_msisdn: Member,
    device_id: Member,
    product_id: Member,
    amount: Member,
    pinless: Member,
    #[serde(alias = "AirtimeNetworkAutoCorrect")]
    airtime_network_auto_correct: Member,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AsynchronousAnswer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    recharge: Option<Recharge>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SynchronousAnswer {
    error: Option<ErrorBody>,
    status_code: i32,
    status_message: Option<&'static str>,
    recharge: Option<Recharge>,
}

/// `POST /smartload/recharges`.
pub(super) async fn asynchronous(call: Post) -> Result<Response, Response> {
    recharge(Api::Asynchronous, &call).await
}

/// `POST /smartload/v2/recharges`.
pub(super) async fn synchronous(call: Post) -> Result<Response, Response> {
    recharge(Api::Synchronous, &call).await
}

async fn recharge(api: Api, call: &Post) -> Result<Response, Response> {
    let world = &call.world;
    let refuse = |refusal| refused(api, world, refusal);
    let body: Body = request::read(&call.body).map_err(refuse)?;
    let buyer = call.buyer(&body.smartload_id)?;
    let wanted = Wanted::read(world, &body).map_err(refuse)?;
    let (verdict, end) = wanted.simulated(api, world);
    let family = wanted.product.family;
    let order = wanted.order(buyer, EntryKind::Recharge);
    let reference = (order.account.clone(), order.reference.clone());
    let prevended = |now_ms| prevend::is_good(world, family, &reference, now_ms);
    let sold = sell(world, api, order, prevended, end)
        .await
        .map_err(refuse)?;
    Ok(match api {
        Api::Asynchronous => wire::ok(&AsynchronousAnswer {
            error: None,
            response_code: "SUCCESS",
            recharge: Some(described(family, &sold)),
        }),
        Api::Synchronous => synchronous_answer(world, verdict, described(family, &sold)),
    })
}

/// What a request asks for, priced.
pub(super) struct Wanted<'a> {
    reference: String,
    pub(super) product: &'a Product,
    pub(super) priced: Priced,
}

impl<'a> Wanted<'a> {
    /// Reads and prices a request.
    pub(super) fn read(world: &'a World, body: &Body) -> Result<Self, Refusal> {
        let reference = text(&body.client_reference);
        let recipient = text(&body.sms_recipient_msisdn);
        let device = text(&body.device_id);
        let product = integer(&body.product_id).and_then(|id| world.catalogue.product(id));
        let mut product = product.map(|(_, product)| product);
        if text(&body.airtime_network_auto_correct) == "true" {
            let number = rules::msisdn(if device.is_empty() {
                &recipient
            } else {
                &device
            });
            product = product.map(|product| corrected(world, product, number.as_deref()));
        }
        let asked = Asked {
            reference: &reference,
            recipient: &recipient,
            device: &device,
            product,
            amount: decimal(&body.amount),
            pinned: text(&body.pinless) == "false",
        };
        let priced = rules::price(&asked)?;
        let product = product.ok_or_else(rules::unknown_product)?;
        Ok(Self {
            reference,
            product,
            priced,
        })
    }

    /// What the simulator of the network will say, and how the order will end.
    pub(super) fn simulated(
        &self,
        api: Api,
        world: &'a World,
    ) -> (Verdict, impl FnOnce(i64) -> Ending + use<'a>) {
        let (family, amount) = (self.product.family, self.priced.amount);
        let reference = self.reference.clone();
        let delays = &world.settings.delays;
        let (verdict, _) = rules::simulate(api, family, amount, &reference, 0, delays);
        let end = move |now_ms| rules::simulate(api, family, amount, &reference, now_ms, delays).1;
        (verdict, end)
    }

    pub(super) fn order(self, buyer: Buyer, kind: EntryKind) -> Order {
        let item = Item {
            kind,
            product: self.product,
            target: self.priced.target,
            recipient: self.priced.recipient,
            quantity: 1,
            amount: self.priced.amount,
        };
        buyer.order(self.reference, item)
    }
}

/// A voucher brings its PIN.
pub(super) fn described(family: Family, sold: &Sold) -> Recharge {
    let mut recharge = Recharge::from(sold);
    if family == Family::Voucher {
        let voucher = Voucher::of(&sold.row, 0);
        recharge.voucher_pin = voucher.voucher_pin;
        recharge.ticket_number = voucher.ticket_number;
        recharge.box_number = voucher.box_number;
        recharge.batch_number = voucher.batch_number;
        recharge.expiry_date = Some(voucher.expiry_date);
    }
    recharge
}

/// Variable airtime of the wrong network becomes that of the number's own (chapter 10 g).
fn corrected<'a>(world: &'a World, product: &'a Product, number: Option<&str>) -> &'a Product {
    let right = number
        .filter(|_| is_variable_airtime(product))
        .map(|number| airtime_for(number).0);
    right
        .and_then(|id| world.catalogue.product(id))
        .map_or(product, |(_, product)| product)
}

fn synchronous_answer(world: &World, verdict: Verdict, recharge: Recharge) -> Response {
    match verdict {
        Verdict::Success => wire::ok(&SynchronousAnswer {
            error: None,
            status_code: 0,
            status_message: Some("Recharge completed successfully"),
            recharge: Some(recharge),
        }),
        Verdict::NetworkPending(error) => wire::ok(&SynchronousAnswer {
            error: Some(error.into()),
            status_code: 3,
            status_message: None,
            recharge: Some(recharge),
        }),
        Verdict::Failed {
            status_code,
            error,
            network_says,
        } => wire::json(
            world.settings.refusal_status,
            &SynchronousAnswer {
                error: Some(error.into()),
                status_code,
                status_message: Some(network_says),
                recharge: None,
            },
        ),
    }
}

/// A refusal: bare from the asynchronous endpoint, wrapped from the synchronous one.
fn refused(api: Api, world: &World, refusal: Refusal) -> Response {
    match api {
        Api::Asynchronous => wire::bad_request(refusal),
        Api::Synchronous => {
            // The status of the five-minute rule is the one that is written down (chapter 17, question 11).
            let status = if refusal.code == 16 {
                StatusCode::BAD_REQUEST
            } else {
                world.settings.refusal_status
            };
            let error = Some(refusal.into());
            wire::json(
                status,
                &SynchronousAnswer {
                    error,
                    status_code: 2,
                    status_message: None,
                    recharge: None,
                },
            )
        }
    }
}
