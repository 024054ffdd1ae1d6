//! A client of HOT for one command: made after everything that was given has been checked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use recharge::hot::{Builder, Client};
use recharge::journal::{Journal, Memory};

use crate::args::HotArgs;
use crate::client;
use crate::credentials::Credentials;
use crate::exit::{Exit, Failure};

/// What clients are made of.
pub(crate) struct Session {
    pub(super) args: HotArgs,
    pub(super) journal: Option<PathBuf>,
}

impl Session {
    /// Works with a client that only reads, without a journal.
    pub(super) async fn reading(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let nowhere = Arc::new(Memory::default());
        with(self.builder(nowhere)?.build()?, work).await
    }

    /// Works with a client that sells, with its journal, which keeps its tokens as well.
    pub(super) async fn selling(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        // Said before the journal is made: nothing is left behind by a command that was wrong.
        self.builder(Arc::new(Memory::default()))?.build()?;
        let journal = Arc::new(client::open(self.journal.clone())?);
        let kept = Arc::clone(&journal) as Arc<dyn Journal>;
        let builder = self.builder(kept)?.token_store(journal);
        with(builder.build()?, work).await
    }

    fn builder(&self, journal: Arc<dyn Journal>) -> Result<Builder, Failure> {
        let args = &self.args;
        let (access_code, password) = Credentials::read(args.credentials.as_deref())?.hot()?;
        let times = (args.timeout_ms, args.settle_ms, args.deadline_ms);
        let mut builder =
            Client::builder(access_code, password, journal).policy(client::times(times));
        if let Some(base_url) = &args.base_url {
            builder = builder.base_url(base_url.clone());
        }
        if let Some(path) = &args.root_certificate {
            builder = builder
                .root_certificate(&client::certificate(path)?)
                .map_err(|invalid| client::no_certificate(path, &invalid.rule()))?;
        }
        Ok(builder)
    }
}

/// A client that ends rows of a journal, and asks nobody.
pub(crate) fn deciding(access_code: &str, journal: &Path) -> Result<Client, Failure> {
    let journal = Arc::new(client::open(Some(journal.to_owned()))?);
    Ok(Client::builder(access_code, "nothing", journal).build()?)
}

async fn with(
    client: Client,
    work: impl AsyncFnOnce(&Client) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let done = work(&client).await;
    client.close().await;
    done
}
