//! How many of something there are at once, and how many there were at the most.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug, Default)]
pub(crate) struct Gauge {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// One of them, until it is dropped.
pub(crate) struct One(Arc<Gauge>);

impl Gauge {
    pub(crate) fn one(self: &Arc<Self>) -> One {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        One(Arc::clone(self))
    }

    /// The most that there were since this was asked last.
    pub(crate) fn most(&self) -> usize {
        self.most
            .swap(self.now.load(Ordering::SeqCst), Ordering::SeqCst)
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_is_told_once_and_those_that_are_still_there_count_on() {
        let gauge = Arc::new(Gauge::default());
        let (first, second) = (gauge.one(), gauge.one());
        drop(second);
        assert_eq!([gauge.most(), gauge.most()], [2, 1]);
        drop(first);
        assert_eq!([gauge.most(), gauge.most()], [1, 0]);
    }
}
