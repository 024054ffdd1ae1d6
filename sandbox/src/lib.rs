//! Something to sell against: Smartcall V3 and HOT Recharge v3, each over a ledger of its own, with faults.
//!
//! A [`Sandbox`] listens on the loopback interface only. Below `/webservice` it answers as Smartcall's test service does, to the
//! letter of its bodies and headers; below `/api/v3` as HOT's pages say. It answers every operation of both. It never forgives
//! a client: a request that is sent twice and not caught by the service's own rules is sold twice, and the
//! [ledger](LedgerView) shows it. What goes wrong on the way is up to [`faults`].
//!
//! In a debug build every answer of its own will is held against the specification, and a [`Sandbox`] that departed from it
//! panics when it ends.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use recharge_sandbox::Sandbox;
//!
//! let sandbox = Sandbox::builder().hosts(2).seed(7).faults("0.35".parse()?).start().await?;
//! println!("{:?} {:?}", sandbox.base_urls(), sandbox.hot_base_urls());
//! assert_eq!(sandbox.ledger().sales().count(), 0);
//! sandbox.shutdown().await;
//! # Ok(()) }
//! ```
//!
//! # Behaviour nobody documented
//!
//! Smartcall's specification and the recorded exchanges leave these open; the sandbox had to choose. What concerns one group
//! of operations alone (batch, cancellation, prevend, transfers, vouchers, orders, MoNice, RICA, payments, cashup) is listed at
//! the head of its file in `src/smartcall`, and what HOT leaves open in `src/hot/mod.rs`.
//!
//! * A used reference is looked for before the five-minute rule, and both after the request itself was checked.
//! * A reference is used once its order was taken, even if that order failed. A refused request (3, 6, 8, 9, 15, 16, 1007) leaves
//!   no row: its reference is free, and an enquiry says 1005.
//! * A second submission while the first is still being processed is 1001, not 1002.
//! * References are unique per account and for ever; only the enquiry forgets, after 7 and 30 days.
//! * If references are not checked and one was sold twice, the enquiry shows the later row.
//! * The five-minute rule looks at all accounts of the user, and at the price of a product with a fixed price.
//! * A refusal or failure of the synchronous endpoint is HTTP 400 with the wrapped body, R11 and R17 included; a pending one is
//!   HTTP 200. [`Builder::refuse_with_200`] turns the former into 200 too. 403 and 401 are the same on both endpoints.
//! * R11 is error 1003, R17 error 2. R13 is one of 1002, 1004 and 1006, depending on the reference, and becomes successful.
//! * On the asynchronous endpoint R11 and R17 are taken and fail later, R13 stays pending as long as on the synchronous one.
//! * Electricity on the synchronous endpoint is answered with statusCode 0, as if it were done.
//! * `recharge` is null whenever the order did not cost anything; it is filled when the network is pending.
//! * The electricity enquiry answers 1008 to a reference that is not electricity, as if there were no such recharge.
//! * Until a purchase of electricity is successful, and if it fails, `pinData` is empty and all that the network would tell is
//!   null; `meterNumber` is there from the start.
//! * Municipal electricity always has a Free Units PIN, entered last; Eskom has none. The ordinary enquiry shows the Purchase PIN
//!   as `voucherPin`, the Free Units PIN as `additionalVoucherPin`, and no Key Change PINs: there is no member for them.
//! * What is specific to a meter is the same for all, but for `keyRevisionNumber`: 2 after a key change, else 1. A unit is R2.50.
//! * A limit id behind the meter (`123456789,7`) stays in the ledger as it was sent; `meterNumber` and the five-minute rule go
//!   without. An id that is not in the list of limits is 1007 at any amount, and so is more than R1000 without one, or more than
//!   the limit. Behind a meter of Eskom it is no meter number: 8. The list is invented, but for 7 being the City of Tshwane.
//! * Network pending and electricity are debited at once, and refunded when they fail.
//! * `statusId` of a good sale is `SUCESSFUL`, as the older service spells it; [`Builder::success_status_id`] changes that.
//!   A row that is still being processed is `PENDING`.
//! * `statusMessage` of a success is "Recharge completed successfully"; the message of 1001 is our own wording.
//! * The dealer's price is rounded to the cent, half away from zero. Amounts with more than two decimals are refused.
//! * The number recharged is `deviceId`, or `smsRecipientMsisdn` if that is empty. Numbers may start with 0 or 27.
//! * The enquiry shows transfers and payments by the service's own reference only, as `Transfer` and `Payment`.
//! * While a purchase for a meter is pending another one for it is 16, with the message for meters, whatever the amount.
//! * Free basic electricity is R0.00, pending like any other, and brings a Free Units PIN alone, of 50 units.
//! * A number of another network than the product's is recharged all the same; auto-correction goes by the prefix.
//! * An unknown product is HTTP 400 with code 9, an unknown network 400 with code 5, and so is an id that is no number.
//! * A body that is no JSON object is 1007, after authentication. A missing member counts as empty.
//! * A body of more than 4 MB is 413, with a page.
//! * A token is good on all hosts. A missing authorization header reads "Invalid authorization header".
//! * 404 has neither the cross-origin nor the cache headers; 304 has both, and the tag.

mod admin;
mod auth;
mod builder;
mod catalogue;
mod chunks;
mod clock;
mod contract;
mod desk;
pub mod faults;
mod faulty;
mod gauge;
mod hot;
mod ledger;
mod money;
mod rules;
mod sandbox;
mod serve;
mod server;
mod smartcall;
mod view;
mod world;

pub use builder::{Builder, RowVisible, StartError};
pub use clock::{Clock, ManualClock, SystemClock};
pub use faults::{Faults, FaultsError};
pub use hot::settings::{SeveralTokens, StockPrice};
pub use hot::view::{HotEntry, HotKind, HotMessage, HotStatus, HotView};
pub use sandbox::Sandbox;
pub use serve::{serve, serve_until};
pub use view::{Attempt, Entry, EntryKind, LedgerView, Status};
