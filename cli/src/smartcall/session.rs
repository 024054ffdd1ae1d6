//! A client for one command: made after everything that was given has been checked, and closed whatever came of it.

use std::path::PathBuf;

use recharge::Msisdn;
use recharge::journal::Sqlite;
use recharge::smartcall::Client;

use crate::args::SmartcallArgs;
use crate::client;
use crate::exit::{Exit, Failure};

/// What clients are made of.
pub(crate) struct Session {
    pub(super) args: SmartcallArgs,
    pub(super) journal: Option<PathBuf>,
}

impl Session {
    /// The account that pays.
    pub(super) fn account(&self) -> Result<Msisdn, Failure> {
        client::payer(&self.args)
    }

    /// Works with a client that only reads, without a journal.
    pub(super) async fn reading(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        with(
            client::reading(&self.args, client::policy(&self.args))?,
            work,
        )
        .await
    }

    /// Works with a client that only reads, also in the journal, which must be there.
    pub(super) async fn reading_with_the_journal(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let path = client::journal_path(self.journal.clone())?;
        if !path.is_file() {
            let problem = "there is no such journal";
            return Err(Failure::other(format!("{}: {problem}", path.display())));
        }
        let journal = Sqlite::open_read_only(path)?;
        with(client::looking(&self.args, journal)?, work).await
    }

    /// Works with a client that only reads, and looks into the journal if there is one that can be read.
    pub(super) async fn reading_beside_the_journal(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let path = client::journal_path(self.journal.clone()).ok();
        match path.and_then(|path| Sqlite::open_read_only(path).ok()) {
            Some(journal) => with(client::looking(&self.args, journal)?, work).await,
            None => self.reading(work).await,
        }
    }

    /// Works with a client that sells, with its journal.
    pub(super) async fn selling(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        with(client::selling(&self.args, self.journal.clone())?, work).await
    }
}

/// Works with a client, and gives its tokens back whatever came of it.
pub(super) async fn with(
    client: Client,
    work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let done = work(&client).await;
    client::close(&client).await;
    done
}
