//! **The rule: a value that exists is valid; what is wrong is refused where it is made, by field and rule, before anything is sent.**

mod amount;
mod cents;
mod date;
mod meter;
mod msisdn;
mod product;
mod receipt;
mod reference;
mod secret;
mod slip;
mod timestamp;

pub use amount::Rand;
pub use cents::Cents;
pub use date::{Date, LocalTime};
pub use meter::Meter;
pub use msisdn::Msisdn;
pub use product::ProductId;
pub use receipt::{Pin, PinKind, Receipt};
pub use reference::Reference;
pub use secret::Secret;
pub use slip::Slip;
pub use timestamp::Timestamp;
