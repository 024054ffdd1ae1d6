//! What all hosts of a sandbox share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::auth::Tokens;
use crate::builder::Settings;
use crate::catalogue::Catalogue;
use crate::clock::{Clock, Waits};
use crate::contract::Violations;
use crate::desk::Desk;
use crate::faults::{Decision, Dice, Faults, Operation};
use crate::gauge::Gauge;
use crate::hot::Hot;
use crate::ledger::Ledger;
use crate::server::Switch;
use crate::view::LedgerView;

/// A ledger and a user for each service, one set of faults; any number of hosts.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) catalogue: Catalogue,
    pub(crate) hot: Hot,
    clock: Box<dyn Clock>,
    ledger: Mutex<Ledger>,
    tokens: Mutex<Tokens>,
    desk: Mutex<Desk>,
    weather: Mutex<(Faults, Dice)>,
    hosts: Vec<Switch>,
    pub(crate) violations: Violations,
    /// Reads in progress.
    pub(crate) reads: Arc<Gauge>,
    waits: Waits,
}

impl World {
    pub(crate) fn new(
        settings: Settings,
        hot: Hot,
        clock: Box<dyn Clock>,
        ledger: Ledger,
        tokens: Tokens,
        weather: (Faults, Dice),
        hosts: Vec<Switch>,
    ) -> Self {
        let (ledger, tokens, weather) =
            (Mutex::new(ledger), Mutex::new(tokens), Mutex::new(weather));
        Self {
            settings,
            catalogue: Catalogue::small(),
            hot,
            clock,
            ledger,
            tokens,
            desk: Mutex::default(),
            weather,
            hosts,
            violations: Violations::default(),
            reads: Arc::default(),
            waits: Waits::default(),
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The ledger as it was left. To read what has become of pending orders use [`World::settled`].
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }

    /// The ledger, with everything final that has become final by now.
    pub(crate) fn settled(&self) -> MutexGuard<'_, Ledger> {
        let now_ms = self.now_ms();
        let mut ledger = self.ledger();
        ledger.settle(now_ms);
        ledger
    }

    pub(crate) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens)
    }

    /// What is remembered beside the ledger. Whoever needs both locks the ledger first.
    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        lock(&self.desk)
    }

    /// Counts a submission and decides what goes wrong with it.
    pub(crate) fn throw(&self, operation: Operation, key: &str) -> (Faults, Decision) {
        let mut weather = lock(&self.weather);
        let (faults, dice) = &mut *weather;
        let decision = dice.throw(faults, operation, key);
        (faults.clone(), decision)
    }

    pub(crate) fn faults(&self) -> Faults {
        lock(&self.weather).0.clone()
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        lock(&self.weather).0 = faults;
    }

    /// Waits in real time, or until somebody is in a hurry.
    pub(crate) fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        self.waits.pause(duration)
    }

    /// Ends every wait that is under way.
    pub(crate) fn hurry(&self) {
        self.waits.end();
    }

    /// Closes the port of a host for a while. Returns when it is closed.
    pub(crate) async fn close_host(&self, host: usize, for_how_long: Duration) {
        if let Some(switch) = self.hosts.get(host) {
            switch.close(self.pause(for_how_long)).await;
        }
    }

    pub(crate) fn view(&self) -> LedgerView {
        let logins = self.tokens().issued();
        let hot = self.hot.view(self.now_ms());
        self.settled().view(&self.settings.account, logins, hot)
    }
}

/// A panic elsewhere must not take the whole sandbox down.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
