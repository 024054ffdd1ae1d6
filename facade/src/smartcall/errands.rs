//! **The rule: what is no sale is done once, when it is asked for.** A cancellation or a prevend leaves again only when it is proved that nobody
//! saw it: over the hosts while no connection is made, and once more with a new token.

use recharge_bindings::smartcall::types;

use super::reading::{self, Body, Reading};
use super::recharges::answered;
use super::sales::{Counter, Sales};
use crate::driver::Provider;
use crate::error::ReadError;
use crate::recovery::{Delivery, Denial, Host, Loss, Obstacle, Verdict};

/// A request that sells nothing.
#[derive(Clone, Copy)]
pub(super) enum Errand<'a> {
    Cancel(&'a types::CancelRechargeRequest),
    Prevend(&'a types::RechargeRequest),
}

/// Why it was not done: nobody saw it.
pub(super) enum NotDone {
    Unreachable(Obstacle),
    Denied(Denial),
}

impl From<NotDone> for ReadError {
    fn from(why: NotDone) -> Self {
        match why {
            NotDone::Unreachable(obstacle) => Self::Unreachable(obstacle.0),
            NotDone::Denied(denial) => Self::Denied(denial),
        }
    }
}

impl Errand<'_> {
    async fn deliver(self, counter: Counter<'_>) -> Delivery<Reading> {
        let bindings = counter.bindings;
        match self {
            Self::Cancel(request) => {
                let answer = counter.deliver(bindings.cancel_recharge(request));
                answered(answer.await, reading::coded)
            }
            Self::Prevend(request) => {
                let answer = counter.deliver(bindings.create_prevend(request));
                answered(answer.await, reading::coded)
            }
        }
    }

    /// Does it, at this host first. An answer, or how it was lost: then it may have been done.
    pub(super) async fn run(
        self,
        sales: &Sales,
        first: Host,
    ) -> Result<Result<Reading, Loss>, NotDone> {
        let mut obstacle = Obstacle("there is no host".into());
        let mut renewed = false;
        for counter in sales.counters(first) {
            loop {
                match sales.ready(counter.host).await {
                    Ok(()) => {}
                    Err(Verdict::Denied(denial)) => return Err(NotDone::Denied(denial)),
                    Err(Verdict::NotSent(why)) => {
                        obstacle = why;
                        break;
                    }
                    Err(other) => {
                        obstacle = Obstacle(other.word().into());
                        break;
                    }
                }
                match self.deliver(counter).await {
                    Delivery::NotSent(why) => {
                        obstacle = why;
                        break;
                    }
                    Delivery::MaybeSent(loss) => return Ok(Err(loss)),
                    Delivery::Answered(reading) => match refused_entry(&reading) {
                        None => return Ok(Ok(reading)),
                        Some(Denial::Credentials(_)) if !renewed => renewed = true,
                        Some(denial) => return Err(NotDone::Denied(denial)),
                    },
                }
            }
        }
        Err(NotDone::Unreachable(obstacle))
    }
}

/// The caller was not let in, so that nobody looked at the request.
fn refused_entry(reading: &Reading) -> Option<Denial> {
    match (reading.status, &reading.body) {
        (401, Body::Login(text)) if reading::is_source_address(text) => Some(Denial::SourceAddress),
        (401, Body::Login(text)) => Some(Denial::Credentials(text.clone())),
        _ => None,
    }
}
