//! Ctrl-C and SIGTERM: the first asks to stop, the second ends at once. Both are safe, the journal has everything.

use tokio::sync::watch;

use crate::exit::note;

/// The exit code of shells for a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// Whether somebody asked to stop.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens from now on; the first signal prints `what_happens_now`.
    pub(crate) fn listen(what_happens_now: &'static str) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut signals = Signals::listen();
        tokio::spawn(async move {
            signals.next().await;
            note(what_happens_now);
            stop.send_replace(true);
            signals.next().await;
            // What was told is flushed, and what is in work is in the journal.
            std::process::exit(INTERRUPTED);
        });
        Self(stopped)
    }

    pub(crate) fn requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once somebody asked to stop.
    pub(crate) async fn wait(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The signals that ask to stop; none if the system has none.
#[cfg(unix)]
struct Signals(Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>);

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self(
            signal(SignalKind::interrupt())
                .ok()
                .zip(signal(SignalKind::terminate()).ok()),
        )
    }

    async fn next(&mut self) {
        match &mut self.0 {
            Some((interrupt, terminate)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            None => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
