//! Time that passes only when somebody sleeps, or when the test says so.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use recharge::Timestamp;
use recharge::ambient::Ambient;

/// A clock whose sleeps end at once and move the time on: ten minutes of waiting take none.
#[derive(Debug)]
pub struct Clock {
    now: AtomicU64,
    draws: AtomicU64,
}

impl Clock {
    pub fn new() -> Self {
        Self {
            now: AtomicU64::new(1_800_000_000_000),
            draws: AtomicU64::new(7),
        }
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        self.now
            .fetch_add(duration.as_millis() as u64, Ordering::SeqCst);
    }
}

impl Ambient for Clock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.advance(duration);
        Box::pin(tokio::task::yield_now())
    }

    fn random(&self) -> u64 {
        self.draws
            .fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst)
    }
}
