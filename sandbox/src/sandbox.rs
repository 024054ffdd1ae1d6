//! A running sandbox.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::builder::Builder;
use crate::faults::Faults;
use crate::hot::BASE_PATH;
use crate::view::LedgerView;
use crate::world::World;

/// A stand-in for Smartcall's test service that runs in this process. It stops when it is dropped.
pub struct Sandbox {
    world: Arc<World>,
    /// The hosts, then the port for the ledger.
    addresses: Vec<SocketAddr>,
    credentials: (String, String),
    stop: watch::Sender<()>,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    pub(crate) fn new(
        world: Arc<World>,
        addresses: Vec<SocketAddr>,
        credentials: (String, String),
        stop: watch::Sender<()>,
        tasks: Vec<JoinHandle<()>>,
    ) -> Self {
        Self {
            world,
            addresses,
            credentials,
            stop,
            tasks,
        }
    }

    /// Sets up a sandbox.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// `http://127.0.0.1:PORT/webservice` of each host.
    #[must_use]
    pub fn base_urls(&self) -> Vec<String> {
        let hosts = &self.addresses[..self.addresses.len() - 1];
        hosts
            .iter()
            .map(|address| format!("http://{address}/webservice"))
            .collect()
    }

    /// `http://127.0.0.1:PORT/api/v3` of each host: HOT Recharge.
    #[must_use]
    pub fn hot_base_urls(&self) -> Vec<String> {
        let hosts = &self.addresses[..self.addresses.len() - 1];
        hosts
            .iter()
            .map(|address| format!("http://{address}{BASE_PATH}"))
            .collect()
    }

    /// Where the ledger can be read even while the hosts are down; `/faults` is beside it.
    #[must_use]
    pub fn ledger_url(&self) -> String {
        let address = self.addresses[self.addresses.len() - 1];
        format!("http://{address}/ledger")
    }

    /// The user.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.credentials.0
    }

    /// The user's password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.credentials.1
    }

    /// The number of the account that pays.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.world.settings.account
    }

    /// Who logs in to HOT.
    #[must_use]
    pub fn hot_access_code(&self) -> &str {
        &self.world.hot.settings.access_code
    }

    /// The password of HOT.
    #[must_use]
    pub fn hot_password(&self) -> &str {
        &self.world.hot.settings.password
    }

    /// Ends every token of HOT and its refresh token, as if somebody else had logged in and the service been restarted.
    pub fn flush_hot_tokens(&self) {
        self.world.hot.identity().flush();
    }

    /// The truth at this moment.
    #[must_use]
    pub fn ledger(&self) -> LedgerView {
        self.world.view()
    }

    /// How many tokens were issued so far.
    #[must_use]
    pub fn logins(&self) -> u64 {
        self.world.tokens().issued()
    }

    /// The most reads (enquiries, balances and the like) that were in progress at once since this was asked last.
    #[must_use]
    pub fn reads_at_once_max(&self) -> usize {
        self.world.reads.most()
    }

    /// Invalidates every token that is out, as if somebody had flushed them.
    pub fn flush_tokens(&self) {
        self.world.tokens().flush();
    }

    /// What goes wrong from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.world.set_faults(faults);
    }

    /// Closes the port of a host for a while: connects are refused. Returns when it is closed.
    pub async fn close_host(&self, host: usize, for_how_long: Duration) {
        self.world.close_host(host, for_how_long).await;
    }

    /// Ends every wait that is under way: slow answers, late sales, closed ports. A test lets them be long, and ends them when it has seen
    /// what it waited for, so that it never hangs on who is faster.
    pub fn hurry(&self) {
        self.world.hurry();
    }

    /// Stops all hosts and closes their connections.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(());
        for task in self.tasks.drain(..) {
            let _ = task.await; // A host that panicked is down as well.
        }
    }
}

impl Drop for Sandbox {
    /// In a debug build, panics if an answer departed from the document of its service.
    fn drop(&mut self) {
        self.world.violations.assert_none();
    }
}
