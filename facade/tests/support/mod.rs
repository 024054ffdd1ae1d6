//! What the tests of the facade share: a service that answers as it is told, a clock, a journal that is watched.
#![allow(dead_code, unreachable_pub, unused_imports)]

pub mod clock;
pub mod everything;
pub mod hot;
pub mod ledger;
pub mod lost;
pub mod mocked;
pub mod service;

use std::sync::Arc;

use recharge::journal::{Entry, Journal, Memory};
use recharge::smartcall::{Builder, Client, RechargeOrder};
use recharge::{Error, Outcome, Policy, Reference};

pub use clock::Clock;
pub use everything::Everything;
pub use ledger::{Watched, Wrote};
pub use lost::lost_answers;
pub use service::*;

pub const USERNAME: &str = "till";
pub const PASSWORD: &str = "pa55-word-of-the-till";
pub const ACCOUNT: &str = "27830000001";
pub const SUBSCRIBER: &str = "27821234567";

/// R29.50 of Vodacom airtime.
pub fn order() -> RechargeOrder {
    RechargeOrder::new(
        SUBSCRIBER.parse().unwrap(),
        "62".parse().unwrap(),
        "29.50".parse().unwrap(),
    )
}

/// The same for a reference that names this of two hosts (by the parity of its bytes).
pub fn order_for(host: usize) -> RechargeOrder {
    let names = |reference: &Reference| {
        reference.as_str().bytes().map(usize::from).sum::<usize>() % 2 == host
    };
    let reference = std::iter::repeat_with(Reference::random).find(names);
    order().with_reference(reference.unwrap())
}

/// Holds the same token for every host, so that nobody needs to log in.
#[derive(Debug)]
pub struct Lent;

impl recharge::auth::TokenStore for Lent {
    fn load(
        &self,
        _: String,
    ) -> recharge::journal::Answer<'_, Option<recharge::auth::StoredToken>> {
        Box::pin(std::future::ready(Ok(Some(recharge::auth::StoredToken {
            token: "lent".into(),
            expires_at: recharge::Timestamp(u64::MAX / 2),
        }))))
    }

    fn save(
        &self,
        _: String,
        _: Option<recharge::auth::StoredToken>,
    ) -> recharge::journal::Answer<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

pub fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

/// A client of a service, with the clock's time.
pub fn builder(
    service: &Service,
    clock: &Arc<Clock>,
    journal: Arc<dyn Journal>,
    policy: Policy,
) -> Builder {
    Client::builder(USERNAME, PASSWORD, ACCOUNT.parse().unwrap(), journal)
        .base_urls(service.urls())
        .ambient(Arc::clone(clock) as Arc<_>)
        .policy(policy)
}

/// A service by a script, a client with a journal in memory, and the clock of both.
pub struct Shop {
    pub clock: Arc<Clock>,
    pub service: Service,
    pub client: Client,
}

impl Shop {
    pub async fn open(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(Arc::new(Memory::new()), Policy::default(), &[], script).await
    }

    pub async fn with(
        journal: Arc<dyn Journal>,
        policy: Policy,
        closed: &[usize],
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let clock = Arc::new(Clock::new());
        let service = Service::start_with_closed(2, closed, &clock, script).await;
        let client = builder(&service, &clock, journal, policy);
        let client = if closed.is_empty() {
            client
        } else {
            client.token_store(Arc::new(Lent))
        };
        let client = client.build().unwrap();
        Self {
            clock,
            service,
            client,
        }
    }

    /// A client without connections and tokens, as after a restart, with the same journal.
    pub fn another(&self, journal: Arc<dyn Journal>) -> Client {
        builder(&self.service, &self.clock, journal, Policy::default())
            .build()
            .unwrap()
    }

    pub async fn row(&self, reference: &Reference) -> Entry {
        self.client
            .journaled(reference)
            .await
            .unwrap()
            .expect("a row in the journal")
    }

    /// Sells for a reference that names the first host.
    pub async fn sell(&self) -> (Reference, Result<Outcome, Error>) {
        let order = order_for(0);
        (
            order.reference().clone(),
            self.client.recharge(&order).await,
        )
    }
}

impl Shop {
    pub fn clock_now(&self) -> recharge::Timestamp {
        recharge::ambient::Ambient::now(self.clock.as_ref())
    }
}

/// Runs this until a request is held at the gate, then ends its process: the runtime is dropped, with all of its tasks where they stood.
pub async fn killed_when(
    gate: Arc<Gate>,
    work: impl Future<Output = Result<(), Error>> + Send + 'static,
) {
    let process = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            tokio::select! {
                _ = work => panic!("nobody answered"),
                () = gate.reached.notified() => {}
            }
        });
    });
    tokio::task::spawn_blocking(|| process.join())
        .await
        .unwrap()
        .unwrap();
}
