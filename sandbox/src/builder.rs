//! How a sandbox is set up.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use rust_decimal::Decimal;
use tokio::sync::watch;

use crate::auth::{LIMIT, Tokens};
use crate::catalogue::Catalogue;
use crate::clock::{Clock, SystemClock};
use crate::faults::{Dice, Faults};
use crate::hot::Hot;
use crate::ledger::Ledger;
use crate::sandbox::Sandbox;
use crate::server::{self, Switch};
use crate::world::World;
use crate::{admin, hot, rules, smartcall};

/// When the row of a recharge can be seen by an enquiry and by the check for duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowVisible {
    /// As soon as the request has been received.
    #[default]
    AtStart,
    /// Only when its processing has ended. Two submissions of one reference that overlap are both sold.
    AtEnd,
}

/// How long orders stay pending.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delays {
    /// An asynchronous recharge.
    pub(crate) asynchronous: Duration,
    /// R13, the network that has not answered.
    pub(crate) pending: Duration,
    pub(crate) electricity: Duration,
    /// From the answer until the network has it. Until then it can be cancelled.
    pub(crate) queued: Duration,
    /// A file of vouchers.
    pub(crate) file: Duration,
    /// RICA, of a SIM or of an agent.
    pub(crate) rica: Duration,
    /// From a cancellation until the enquiry tells of it.
    pub(crate) cancellation: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        let (brief, slow) = (Duration::from_secs(5), Duration::from_secs(90));
        Self {
            asynchronous: brief,
            pending: slow,
            electricity: slow,
            queued: Duration::from_secs(2),
            file: brief,
            rica: brief,
            cancellation: brief,
        }
    }
}

/// What does not change while a sandbox runs.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) account: String,
    pub(crate) dealers: Vec<String>,
    pub(crate) deduplicate: bool,
    pub(crate) lagging_deduplication: bool,
    pub(crate) five_minute_rule: bool,
    pub(crate) one_hour_rule: bool,
    pub(crate) voucher_stock: u32,
    pub(crate) row_visible: RowVisible,
    pub(crate) cross_host_lag: Duration,
    pub(crate) processing: Duration,
    pub(crate) delays: Delays,
    pub(crate) refusal_status: StatusCode,
    pub(crate) success_status_id: &'static str,
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port of a host could not be opened.
    #[error("the loopback port {port} could not be opened")]
    Port {
        /// The port; 0 means any.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A sandbox has at least one host.
    #[error("a sandbox needs at least one host")]
    NoHost,
    /// An account that is no South African number.
    #[error("`{0}` is no account: 27 and nine digits are")]
    Account(String),
    /// The first line could not be written.
    #[error("the address of the sandbox could not be written")]
    Output(#[source] io::Error),
}

/// Sets up a [`Sandbox`].
#[must_use = "a builder does nothing until it is started"]
pub struct Builder {
    hosts: usize,
    ports: Vec<u16>,
    admin_port: u16,
    pub(crate) seed: u64,
    pub(crate) faults: Faults,
    username: String,
    password: String,
    token_limit: usize,
    balance: Decimal,
    others: Vec<(String, Decimal)>,
    clock: Box<dyn Clock>,
    settings: Settings,
    pub(crate) hot: hot::settings::Settings,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            hosts: 2,
            ports: Vec::new(),
            admin_port: 0,
            seed: 0,
            faults: Faults::none(),
            username: "sandbox".to_owned(),
            password: "sandbox".to_owned(),
            token_limit: LIMIT,
            balance: Decimal::from(100_000),
            others: Vec::new(),
            clock: Box::new(SystemClock),
            settings: Settings {
                account: "27810000001".to_owned(),
                dealers: vec!["27820000000".to_owned(), "27820000002".to_owned()],
                deduplicate: true,
                lagging_deduplication: false,
                five_minute_rule: true,
                one_hour_rule: true,
                voucher_stock: 1000,
                row_visible: RowVisible::AtStart,
                cross_host_lag: Duration::ZERO,
                processing: Duration::ZERO,
                delays: Delays::default(),
                refusal_status: StatusCode::BAD_REQUEST,
                success_status_id: "SUCESSFUL",
            },
            hot: hot::settings::Settings::default(),
        }
    }
}

impl Builder {
    /// How many hosts share the ledger. Default 2, for api1 and api2.
    pub fn hosts(mut self, hosts: usize) -> Self {
        self.hosts = hosts;
        self
    }

    /// The ports of the hosts in their order; hosts beyond the list, and port 0, take any free port.
    pub fn ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.ports = ports.into_iter().collect();
        self
    }

    /// The port on which the ledger and the faults can be reached even while all hosts are down. Default: any.
    pub fn admin_port(mut self, port: u16) -> Self {
        self.admin_port = port;
        self
    }

    /// Decides, together with the references, which request is hit by which fault. Default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// What goes wrong. Default: nothing.
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// The user. Default `sandbox`, `sandbox`.
    pub fn credentials(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        (self.username, self.password) = (username.into(), password.into());
        self
    }

    /// How many tokens the user may have at a time. Default 50. A test that kills its client again and again wants more.
    pub fn token_limit(mut self, tokens: usize) -> Self {
        self.token_limit = tokens;
        self
    }

    /// The number of the user's account. Default 27810000001.
    pub fn account(mut self, smartload_id: impl Into<String>) -> Self {
        self.settings.account = smartload_id.into();
        self
    }

    /// What the account holds, in rand. Default 100000.
    pub fn balance(mut self, balance: Decimal) -> Self {
        self.balance = balance;
        self
    }

    /// One more account of the same user.
    pub fn another_account(mut self, smartload_id: impl Into<String>, balance: Decimal) -> Self {
        self.others.push((smartload_id.into(), balance));
        self
    }

    /// The five-minute rule, which the vendor switches off for clients that ask, and with it the rule that a meter is not
    /// recharged while another purchase for it is pending. Default on.
    pub fn five_minute_rule(mut self, on: bool) -> Self {
        self.settings.five_minute_rule = on;
        self
    }

    /// Whether the same transfer within an hour is refused as a possible duplicate. Default on; nothing else guards a transfer,
    /// which has no reference.
    pub fn one_hour_rule(mut self, on: bool) -> Self {
        self.settings.one_hour_rule = on;
        self
    }

    /// How many vouchers there are of each product. Default 1000.
    pub fn voucher_stock(mut self, vouchers: u32) -> Self {
        self.settings.voucher_stock = vouchers;
        self
    }

    /// Whether a reference that was used before is refused with 1001. Default on; off, it is sold again.
    pub fn deduplicate(mut self, on: bool) -> Self {
        self.settings.deduplicate = on;
        self
    }

    /// Whether the check for duplicates, like an enquiry, does not see rows of the other hosts before their time. Default off.
    pub fn lagging_deduplication(mut self, on: bool) -> Self {
        self.settings.lagging_deduplication = on;
        self
    }

    /// How long the other hosts answer "does not exist" about a row. Default zero.
    pub fn cross_host_lag(mut self, lag: Duration) -> Self {
        self.settings.cross_host_lag = lag;
        self
    }

    /// When a row can be seen. Matters only with some [`Builder::processing`] time.
    pub fn row_visible(mut self, when: RowVisible) -> Self {
        self.settings.row_visible = when;
        self
    }

    /// How long a recharge takes, in real time. Default zero.
    pub fn processing(mut self, duration: Duration) -> Self {
        self.settings.processing = duration;
        self
    }

    /// How long an asynchronous recharge stays pending. Default 5 s.
    pub fn asynchronous_after(mut self, delay: Duration) -> Self {
        self.settings.delays.asynchronous = delay;
        self
    }

    /// How long R13 stays pending. Default 90 s.
    pub fn pending_after(mut self, delay: Duration) -> Self {
        self.settings.delays.pending = delay;
        self
    }

    /// How long electricity stays pending. Default 90 s.
    pub fn electricity_after(mut self, delay: Duration) -> Self {
        self.settings.delays.electricity = delay;
        self
    }

    /// How long an asynchronous recharge or electricity waits before it is submitted to the network, and can be cancelled.
    /// Default 2 s.
    pub fn queued_for(mut self, delay: Duration) -> Self {
        self.settings.delays.queued = delay;
        self
    }

    /// How long the enquiry calls a cancelled recharge pending. Default 5 s.
    pub fn cancellation_shown_after(mut self, delay: Duration) -> Self {
        self.settings.delays.cancellation = delay;
        self
    }

    /// How long it takes to make the file of an order of vouchers. Default 5 s.
    pub fn file_after(mut self, delay: Duration) -> Self {
        self.settings.delays.file = delay;
        self
    }

    /// How long a RICA registration, of a SIM or of an agent, stays pending. Default 5 s.
    pub fn rica_after(mut self, delay: Duration) -> Self {
        self.settings.delays.rica = delay;
        self
    }

    /// Whether refusals and failures of the synchronous endpoint come with HTTP 200 instead of 400. Default 400; the refusal
    /// of the five-minute rule is always 400.
    pub fn refuse_with_200(mut self, on: bool) -> Self {
        self.settings.refusal_status = if on {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        };
        self
    }

    /// The `statusId` of a sale that went well. Default `SUCESSFUL`, as the vendor's older service spells it.
    pub fn success_status_id(mut self, word: &'static str) -> Self {
        self.settings.success_status_id = word;
        self
    }

    /// The clock that rules expiry, the five-minute rule, history and pending orders. Default: that of the machine.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Opens the ports and serves until the sandbox is shut down or dropped.
    ///
    /// # Errors
    ///
    /// If a port is taken or an account is no number.
    pub async fn start(self) -> Result<Sandbox, StartError> {
        if self.hosts == 0 {
            return Err(StartError::NoHost);
        }
        let accounts = self.accounts()?;
        let mut listeners = Vec::new();
        let ports = self
            .ports
            .iter()
            .copied()
            .chain(std::iter::repeat(0))
            .take(self.hosts);
        for port in ports.chain([self.admin_port]) {
            listeners.push(server::bind(port).map_err(|source| StartError::Port { port, source })?);
        }
        let addresses = listeners
            .iter()
            .map(|listener| listener.local_addr())
            .collect::<Result<Vec<_>, _>>();
        let addresses = addresses.map_err(|source| StartError::Port { port: 0, source })?;
        let (switches, closings): (Vec<_>, Vec<_>) =
            listeners.iter().map(|_| Switch::new()).unzip();
        let (stop, _) = watch::channel(());
        let stock = self.settings.voucher_stock;
        let stock = Catalogue::small()
            .vouchers()
            .map(|id| (id, stock))
            .collect::<Vec<_>>();
        let world = Arc::new(World::new(
            self.settings,
            Hot::new(self.hot),
            self.clock,
            Ledger::new(accounts, stock, 130_000_000),
            Tokens::new(
                self.username.clone(),
                self.password.clone(),
                self.token_limit,
            ),
            (self.faults, Dice::new(self.seed)),
            switches,
        ));
        let service = smartcall::router(&world)
            .merge(hot::router(&world))
            .merge(admin::router(&world));
        let mut tasks = Vec::new();
        for (host, (listener, closings)) in listeners.into_iter().zip(closings).enumerate() {
            let router = if host < self.hosts {
                service.clone()
            } else {
                admin::router(&world)
            };
            tasks.push(tokio::spawn(server::run(
                host,
                listener,
                router,
                closings,
                stop.subscribe(),
            )));
        }
        Ok(Sandbox::new(
            world,
            addresses,
            (self.username, self.password),
            stop,
            tasks,
        ))
    }

    /// All accounts, by their international numbers.
    fn accounts(&self) -> Result<Vec<(String, Decimal)>, StartError> {
        let own = (self.settings.account.clone(), self.balance);
        let check = |(id, balance): (String, Decimal)| match rules::msisdn(&id) {
            Some(normal) if normal == id => Ok((id, balance)),
            _ => Err(StartError::Account(id)),
        };
        [own]
            .into_iter()
            .chain(self.others.iter().cloned())
            .map(check)
            .collect()
    }
}
