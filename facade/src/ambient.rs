//! **The rule: this is the only file that reads the clock, sleeps or draws randomness.** Everything else is handed an [`Ambient`];
//! `clippy.toml` bans the rest.
#![allow(clippy::disallowed_methods)]

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::domain::Timestamp;

/// Time, sleep and randomness, as far as a client needs them. Replaced in tests.
pub trait Ambient: Send + Sync + fmt::Debug {
    /// The present moment. Must not run backwards while the process lives.
    fn now(&self) -> Timestamp;
    /// What the wall clock says, which may be set while the process lives, and goes on while the machine sleeps. What a service remembers
    /// is counted by it.
    fn wall(&self) -> Timestamp {
        self.now()
    }
    /// Waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
    /// 64 random bits.
    fn random(&self) -> u64;
}

/// The operating system's clock and randomness, and tokio's timer.
///
/// The wall clock is read once; from then on the moment is counted by the monotonic clock, so that a clock that is set while the process
/// runs neither shortens nor lengthens a settle window.
#[derive(Debug)]
pub struct System {
    started_at: Timestamp,
    started: Instant,
}

impl System {
    /// Reads the wall clock.
    #[must_use]
    pub fn new() -> Self {
        Self {
            started_at: wall(),
            started: Instant::now(),
        }
    }
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

impl Ambient for System {
    fn now(&self) -> Timestamp {
        self.started_at + self.started.elapsed()
    }

    fn wall(&self) -> Timestamp {
        wall()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> u64 {
        random_bits() as u64
    }
}

fn wall() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp::default() + since_1970.unwrap_or_default()
}

/// For how long a network is silent is real time, as the time limits of the HTTP client are: nobody's clock hurries it.
pub(crate) fn silence(duration: Duration) -> impl Future<Output = ()> + Send {
    tokio::time::sleep(duration)
}

/// 128 bits of the operating system's randomness.
pub(crate) fn random_bits() -> u128 {
    let mut bytes = [0; 16];
    // The operating system always has randomness once it has booted; without any, no reference may be made at all.
    if let Err(error) = getrandom::fill(&mut bytes) {
        panic!("the operating system gives no randomness: {error}");
    }
    u128::from_ne_bytes(bytes)
}
