//! The client: what a till calls.

use std::fmt;
use std::sync::Arc;

use recharge_bindings::smartcall::Client as Bindings;

use super::builder::Builder;
use super::catalogue::Caches;
use super::enquiries::{Read, Transaction, read, unfound};
use super::login::Login;
use super::order::RechargeOrder;
use super::recharges::SYNC;
use super::sales::{Counter, Sales};
use crate::balance::Board;
use crate::domain::{Msisdn, Reference, Secret, Timestamp};
use crate::driver::Driver;
use crate::error::{Error, Invalid, ReadError};
use crate::journal::{Decision, Entry, Intent, Journal, JournalError, Key, Service};
use crate::outcome::{Handle, Outcome};
use crate::recovery::{Delivery, Doubt, Finding, Host};
use crate::transport::delivery::delivery;
use crate::transport::line::Lines;

/// A client for one Smartcall account. Clones share everything.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    account: Msisdn,
    /// The same as the journal and the service write it.
    payer: Arc<str>,
    lines: Arc<Lines<Login>>,
    login: Login,
    reads: Bindings,
    driver: Arc<Driver<Sales>>,
    board: Arc<Board<()>>,
    caches: Caches,
}

impl Client {
    /// Begins a client for production: a user's credentials, the Smartload account (MSISDN) that pays, and the journal that sales are
    /// recorded in before they are sent.
    pub fn builder(
        username: impl Into<String>,
        password: impl Into<Secret>,
        account: Msisdn,
        journal: Arc<dyn Journal>,
    ) -> Builder {
        Builder::new(username.into(), password.into(), account, journal)
    }

    pub(super) fn new(
        account: Msisdn,
        lines: Arc<Lines<Login>>,
        login: Login,
        reads: Bindings,
        driver: Arc<Driver<Sales>>,
        board: Arc<Board<()>>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                payer: account.to_string().into(),
                account,
                lines,
                login,
                reads,
                driver,
                board,
                caches: Caches::default(),
            }),
        }
    }

    /// Recharges a subscriber (`POST /smartload/v2/recharges`, chapter 10 g): journaled first, sold at most once, recovered by enquiry.
    ///
    /// An order whose reference is in the journal is carried on, not sold again; one that has ended gives the outcome that it had.
    /// The work goes on when the future is dropped.
    ///
    /// # Errors
    /// An error means that **no money moved**. Its variant says whether to sell again, and with which reference.
    pub async fn recharge(&self, order: &RechargeOrder) -> Result<Outcome, Error> {
        order.mobile()?;
        if order.options().voucher {
            return Err(Invalid::new(
                "voucher",
                "must not be asked for: the synchronous recharge has no vouchers",
            )
            .into());
        }
        let intent = order.intent(SYNC, self.payer(), self.wall());
        self.inner.driver.sell_renewing(intent).await
    }

    /// Sells what an intent says.
    pub(super) async fn sell(&self, intent: Intent) -> Result<Outcome, Error> {
        self.inner.driver.sell(intent).await
    }

    /// Carries on with a sale that was handed over as pending or unresolved, here or by another journal.
    ///
    /// # Errors
    /// As [`Client::recharge`]: no money moved.
    pub async fn resume(&self, handle: Handle) -> Result<Outcome, Error> {
        if handle.intent.service != Service::Smartcall || handle.intent.account != self.inner.payer
        {
            let doubt = Doubt::Unlisted("the sale is another account's".into());
            return Ok(Outcome::Unresolved(handle, doubt));
        }
        let intent = handle.intent.clone();
        let told = self.inner.driver.adopt(handle).await;
        // Refused, it may have been sold again in the meantime; nothing is begun here.
        self.inner.driver.follow(intent, told, 0).await
    }

    /// Works on every open row of the journal that is this account's, until each has ended or its time is up (at least two settle windows);
    /// tells each as it comes. Begins with an enquiry, never with a sale. Gives back how many open rows it left alone because they are other
    /// accounts': a client of theirs must recover them.
    ///
    /// # Errors
    /// When the journal cannot be read. What was told before stands.
    pub async fn recover(
        &self,
        each: impl FnMut(&Entry, Result<Outcome, Error>),
    ) -> Result<usize, JournalError> {
        let account = &self.inner.payer;
        let driver = &self.inner.driver;
        driver.recover(Service::Smartcall, account, each).await
    }

    /// What the service knows of a reference (chapter 10 o); `None` if it does not know it. **That is no proof that it was not sold**: for
    /// that, [`resume`](Self::resume) or [`recover`](Self::recover).
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn enquire(&self, reference: &Reference) -> Result<Option<Transaction>, ReadError> {
        self.let_in().await?;
        let result = self
            .inner
            .reads
            .get_transaction_by_client_reference(&self.inner.payer, reference.as_str())
            .await;
        let answer = match delivery(result).await {
            Delivery::Answered(answer) => answer,
            Delivery::NotSent(obstacle) => return Err(ReadError::Unreachable(obstacle.0)),
            Delivery::MaybeSent(loss) => return Err(ReadError::Unreachable(loss.to_string())),
        };
        let status = answer.status;
        match read(answer) {
            Read::Transaction(transaction) => Ok(Some(transaction)),
            Read::Finding(Finding::Pending { .. }) => Ok(Some(Transaction::pending())),
            Read::Finding(other) => unfound(status, other),
        }
    }

    /// The journal's row of a reference.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn journaled(&self, reference: &Reference) -> Result<Option<Entry>, JournalError> {
        self.journal().read(self.key(reference)).await
    }

    /// Ends an open row of the journal by what a person found out. **Only for what no enquiry can tell**: a sale that is said not to have
    /// happened, and did, is sold twice by whoever sells it again.
    ///
    /// # Errors
    /// When there is no open row of this reference, or the journal cannot be written.
    pub async fn decide(
        &self,
        reference: &Reference,
        decision: Decision,
    ) -> Result<(), JournalError> {
        self.inner
            .driver
            .decide(self.key(reference), decision)
            .await
    }

    pub(super) fn key(&self, reference: &Reference) -> Key {
        Key {
            service: Service::Smartcall,
            account: self.payer(),
            reference: reference.clone(),
        }
    }

    /// The account that pays.
    #[must_use]
    pub fn account(&self) -> Msisdn {
        self.inner.account
    }

    /// The same, as the journal and the service write it.
    pub(super) fn payer(&self) -> Arc<str> {
        Arc::clone(&self.inner.payer)
    }

    /// The bindings: every operation exactly as specified, with tokens; reads with failover and backoff. **A sale that is made through them is
    /// neither journaled nor recovered.**
    #[must_use]
    pub fn raw(&self) -> &Bindings {
        &self.inner.reads
    }

    /// Gives the tokens back, so that they do not count against the limit of 50. A client that is used again logs in anew.
    pub async fn close(&self) {
        for (host, token) in self.inner.lines.tokens.take_all().await {
            self.inner.login.invalidate(host, &token).await;
        }
    }

    pub(super) fn lines(&self) -> &Lines<Login> {
        &self.inner.lines
    }

    pub(super) fn login(&self) -> &Login {
        &self.inner.login
    }

    pub(super) fn counter(&self, host: Host) -> Option<Counter<'_>> {
        self.inner.driver.provider.counter(host)
    }

    pub(super) fn caches(&self) -> &Caches {
        &self.inner.caches
    }

    pub(super) fn board(&self) -> &Board<()> {
        &self.inner.board
    }

    pub(super) fn driver(&self) -> &Arc<Driver<Sales>> {
        &self.inner.driver
    }

    /// What the wall clock says.
    pub(super) fn wall(&self) -> Timestamp {
        self.inner.driver.ambient.wall()
    }

    pub(super) fn journal(&self) -> &dyn Journal {
        self.inner.driver.journal.as_ref()
    }

    pub(super) fn owns(&self, entry: &Entry) -> bool {
        entry.intent.service == Service::Smartcall && entry.intent.account == self.inner.payer
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("account", &self.inner.account)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Memory;

    /// What a task carries along is moved with it several times; a step that few sales take belongs on the heap.
    #[test]
    fn the_task_of_a_sale_is_small() {
        let account = "27821234567".parse().expect("an account");
        let journal = Arc::new(Memory::new());
        let client = Client::builder("user", "password", account, journal);
        let client = client.build().expect("a client");
        let order = RechargeOrder::new(
            account,
            "62".parse().expect("a product"),
            "5".parse().expect("an amount"),
        );
        let intent = order.intent(SYNC, client.payer(), client.wall());
        let sale = Arc::clone(client.driver()).sell_here(intent);
        assert!(size_of_val(&sale) < 4096, "{}", size_of_val(&sale));
    }
}
