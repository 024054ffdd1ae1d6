//! **The rule: an error means that no money moved; not knowing is a value; and doubt is ended by evidence, never by time.**
//!
//! This is the whole of the decision making, without I/O: no HTTP, no clock, no randomness, no provider. It reads in this order:
//!
//! 1. `delivery`: how far a request got. Only a failed connect proves that nothing was sent.
//! 2. `verdict`: what a provider's answer says about the money, and what an enquiry found.
//! 3. `class`: what an operation allows to be done about a sale in doubt.
//! 4. `machine`: from a verdict, a finding and the clock to the next action. Rules F and Q live here.
//! 5. `open`: a sale in doubt: what is due, and when.
//! 6. `settling`: rule Q's evidence: when "does not exist" may be believed.
//! 7. `schedule`: rule P: when to ask again.
//!
//! The rules, by the letters that the other modules use:
//!
//! - **F (failover)**: a write moves to the other host only when nothing was sent, and only while no attempt of its reference is in doubt.
//! - **Q (does not exist)**: an enquiry that finds nothing is evidence. After a settle window it takes two such answers from the host that was
//!   used and one from another before the **same reference** may be sent again, to the **same host**, and only where the provider refuses a
//!   reference that it has seen.
//! - **P (polling)**: ask at once, then after growing, jittered waits; hourly after the first hour.
//! - **T (tokens)**: a refused token is replaced once; it says nothing about the sale. Kept by [`crate::auth`].

mod class;
pub(crate) mod delivery;
pub(crate) mod machine;
mod open;
pub(crate) mod policy;
pub(crate) mod schedule;
pub(crate) mod settling;
pub(crate) mod verdict;

pub use class::Class;
pub use delivery::{Loss, Obstacle};
pub use machine::Host;
pub use policy::Policy;
pub use verdict::{Advice, Denial, Doubt, Refusal};

pub(crate) use delivery::Delivery;
pub(crate) use machine::{Action, Conclusion, Facts, Machine};
pub(crate) use verdict::{Finding, Vend, Verdict, Witness};

#[cfg(test)]
mod model;
