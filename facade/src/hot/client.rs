//! The client: what a till calls.

use std::fmt;
use std::sync::Arc;

use progenitor_client::{Error as BindingsError, ResponseValue};
use recharge_bindings::hot::Client as Bindings;

use super::builder::Builder;
use super::catalogue::Catalogue;
use super::login::Login;
use super::order::RechargeOrder;
use super::reading;
use super::sales::Sales;
use crate::domain::{Reference, Secret, Timestamp};
use crate::driver::Driver;
use crate::error::{Error, ReadError};
use crate::journal::{Decision, Entry, Journal, JournalError, Key, Service};
use crate::outcome::{Handle, Outcome};
use crate::recovery::{Delivery, Denial, Doubt};
use crate::transport::delivery::{Answer, Body, delivery};
use crate::transport::line::Lines;

/// A client for one access code. Clones share everything.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    access_code: String,
    lines: Arc<Lines<Login>>,
    reads: Bindings,
    driver: Arc<Driver<Sales>>,
    catalogue: Catalogue,
}

impl Client {
    /// Begins a client for production: an access code with its password, and the journal that sales are recorded in before they are sent. The access
    /// code names the account there.
    pub fn builder(
        access_code: impl Into<String>,
        password: impl Into<Secret>,
        journal: Arc<dyn Journal>,
    ) -> Builder {
        Builder::new(access_code.into(), password.into(), journal)
    }

    pub(super) fn new(
        access_code: String,
        lines: Arc<Lines<Login>>,
        reads: Bindings,
        catalogue: Catalogue,
        driver: Arc<Driver<Sales>>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                access_code,
                lines,
                reads,
                driver,
                catalogue,
            }),
        }
    }

    /// Recharges (`POST /products/recharge`, page): checked against the product's metadata where that can be read, journaled, **sent at most once**,
    /// and enquired about when the answer does not say what became of it. What no enquiry can tell is handed over as
    /// [`Outcome::Unresolved`]; it is never sent again, by whatever evidence.
    ///
    /// An order whose reference is in the journal is carried on, not sold again, and not checked again either; one that has ended gives the outcome
    /// that it had. The work goes on when the future is dropped.
    ///
    /// # Errors
    /// An error means that **no money moved**. Its variant says whether to sell again, and with which reference.
    pub async fn recharge(&self, order: &RechargeOrder) -> Result<Outcome, Error> {
        self.checked(order).await?;
        let intent = order.intent(&self.inner.access_code, self.wall());
        self.inner.driver.sell(intent).await
    }

    /// Carries on with a sale that was handed over as pending or unresolved, here or by another journal: enquires, and sends nothing that may have been
    /// sent.
    ///
    /// # Errors
    /// As [`Client::recharge`]: no money moved.
    pub async fn resume(&self, handle: Handle) -> Result<Outcome, Error> {
        if handle.intent.service != Service::Hot
            || *handle.intent.account != *self.inner.access_code
        {
            let doubt = Doubt::Unlisted("the sale is another account's".into());
            return Ok(Outcome::Unresolved(handle, doubt));
        }
        self.inner.driver.adopt(handle).await
    }

    /// Works on every open row of the journal that is this access code's, until each has ended or its time is up (at least two settle windows); tells
    /// each as it comes. Sends nothing but enquiries. Gives back how many open rows it left alone because they are other accounts'.
    ///
    /// Rows of reservations and cancellations are told as [`Outcome::Done`]: they sold nothing.
    ///
    /// # Errors
    /// When the journal cannot be read. What was told before stands.
    pub async fn recover(
        &self,
        each: impl FnMut(&Entry, Result<Outcome, Error>),
    ) -> Result<usize, JournalError> {
        let account = &self.inner.access_code;
        self.inner.driver.recover(Service::Hot, account, each).await
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

    /// The bindings: every operation exactly as specified, with tokens; reads with backoff. **A sale that is made through them is neither journaled
    /// nor recovered.**
    #[must_use]
    pub fn raw(&self) -> &Bindings {
        &self.inner.reads
    }

    /// Forgets the token. The service has no way to give one back; it ends within minutes. A client that is used again logs in anew.
    pub async fn close(&self) {
        self.inner.lines.tokens.take_all().await;
    }

    pub(super) fn account(&self) -> &str {
        &self.inner.access_code
    }

    pub(super) fn lines(&self) -> &Lines<Login> {
        &self.inner.lines
    }

    pub(super) fn driver(&self) -> &Arc<Driver<Sales>> {
        &self.inner.driver
    }

    pub(super) fn catalogue(&self) -> &Catalogue {
        &self.inner.catalogue
    }

    pub(super) fn now(&self) -> Timestamp {
        self.inner.driver.ambient.now()
    }

    pub(super) fn wall(&self) -> Timestamp {
        self.inner.driver.ambient.wall()
    }

    pub(super) fn key(&self, reference: &Reference) -> Key {
        Key {
            service: Service::Hot,
            account: self.inner.access_code.as_str().into(),
            reference: reference.clone(),
        }
    }

    pub(super) fn journal(&self) -> &dyn Journal {
        self.inner.driver.journal.as_ref()
    }

    /// Reads: lets us in first, so that a refusal is told by its type.
    pub(super) async fn read<T>(
        &self,
        reading: impl Future<Output = Result<ResponseValue<T>, BindingsError<()>>>,
    ) -> Result<T, ReadError> {
        self.lines().let_in().await?;
        match delivery(reading.await).await {
            Delivery::Answered(Answer {
                body: Body::Typed(body),
                ..
            }) => Ok(body),
            Delivery::Answered(Answer {
                status,
                body: Body::Raw(bytes),
                ..
            }) => Err(service_error(status, &bytes)),
            Delivery::NotSent(obstacle) => Err(ReadError::Unreachable(obstacle.0)),
            Delivery::MaybeSent(loss) => Err(ReadError::Unreachable(loss.to_string())),
        }
    }
}

fn service_error(status: u16, body: &[u8]) -> ReadError {
    let message = reading::errors(body).map(|errors| errors.message);
    match status {
        200 => ReadError::Unreadable("not the documented JSON".into()),
        401 => {
            let text = message.unwrap_or_else(|| "HTTP 401".into());
            ReadError::Denied(Denial::Credentials(text))
        }
        _ => ReadError::Service {
            status,
            code: None,
            message: message.unwrap_or_default(),
        },
    }
}

/// The access code is left out: it is a name to log in with.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("hot::Client").finish_non_exhaustive()
    }
}
