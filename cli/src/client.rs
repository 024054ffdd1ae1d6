//! Puts the library's client together from the options, and gives its tokens back at the end.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use recharge::journal::{Journal, Memory, Sqlite};
use recharge::smartcall::{Builder, Client};
use recharge::{Msisdn, Policy, Secret};

use crate::args::SmartcallArgs;
use crate::credentials::Credentials;
use crate::exit::Failure;

/// How long the journal remembers a sale that has ended: a list that is sold once a year is still recognised.
const RETENTION: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// How long a normal end may be held up by a service that takes its tokens back slowly. They end by themselves.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(5);

/// The journal that is meant, whether or not it is there.
pub(crate) fn journal_path(given: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let set = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let home = || {
        set("HOME").map(|home| {
            home.join(if cfg!(target_os = "macos") {
                "Library/Application Support"
            } else {
                ".local/share"
            })
        })
    };
    let data = || {
        if cfg!(windows) {
            set("LOCALAPPDATA")
        } else {
            set("XDG_DATA_HOME").or_else(home)
        }
    };
    given
        .or_else(|| set("RECHARGE_JOURNAL"))
        .or_else(|| data().map(|data| data.join("recharge").join("recharge.journal")))
        .ok_or_else(|| Failure::usage("--journal must be given: this user has no data folder"))
}

/// The folder of a journal: what is written beside it lies on a disk that has room, and not in memory.
pub(crate) fn folder(journal: &Path) -> &Path {
    let folder = journal.parent();
    folder
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// The account that pays.
pub(crate) fn payer(args: &SmartcallArgs) -> Result<Msisdn, Failure> {
    account(args, &Credentials::read(args.credentials.as_deref())?)
}

/// A client that sells: with its journal, which keeps its tokens as well.
pub(crate) fn selling(args: &SmartcallArgs, journal: Option<PathBuf>) -> Result<Client, Failure> {
    let credentials = Credentials::read(args.credentials.as_deref())?;
    let login = credentials.login()?;
    let account = account(args, &credentials)?;
    // Said before the journal is made: nothing is left behind by a command that was wrong.
    configured(args, login.clone(), account, nowhere())?.build()?;
    let journal = Arc::new(open(journal)?);
    let kept = Arc::clone(&journal) as Arc<dyn Journal>;
    let builder = configured(args, login, account, kept)?;
    Ok(builder.token_store(journal).build()?)
}

/// A client that only reads: without a journal.
pub(crate) fn reading(args: &SmartcallArgs, policy: Policy) -> Result<Client, Failure> {
    let credentials = Credentials::read(args.credentials.as_deref())?;
    let account = account(args, &credentials)?;
    let builder = configured(args, credentials.login()?, account, nowhere())?;
    Ok(builder.policy(policy).build()?)
}

/// A client that only reads, also in the journal, which it does not write to.
pub(crate) fn looking(args: &SmartcallArgs, journal: Sqlite) -> Result<Client, Failure> {
    let credentials = Credentials::read(args.credentials.as_deref())?;
    let account = account(args, &credentials)?;
    let builder = configured(args, credentials.login()?, account, Arc::new(journal))?;
    Ok(builder.build()?)
}

/// A client that only reads, and from one host.
pub(crate) fn reading_one(
    args: &SmartcallArgs,
    policy: Policy,
    base_url: &str,
) -> Result<Client, Failure> {
    let credentials = Credentials::read(args.credentials.as_deref())?;
    let account = account(args, &credentials)?;
    let builder = configured(args, credentials.login()?, account, nowhere())?;
    Ok(builder.policy(policy).base_urls([base_url]).build()?)
}

/// A client that only pings, which needs neither credentials nor an account.
pub(crate) fn pinging(args: &SmartcallArgs) -> Result<Client, Failure> {
    Ok(anonymous(args)?.build()?)
}

/// A client that only pings one host.
pub(crate) fn pinging_one(
    args: &SmartcallArgs,
    policy: Policy,
    base_url: &str,
) -> Result<Client, Failure> {
    let builder = anonymous(args)?.policy(policy).base_urls([base_url]);
    Ok(builder.build()?)
}

/// A client that ends rows of a journal, and asks nobody.
pub(crate) fn deciding(account: Msisdn, journal: &Path) -> Result<Client, Failure> {
    let journal = Arc::new(Sqlite::open_keeping(journal, RETENTION)?);
    let nobody = Client::builder("nobody", "nothing", account, journal);
    Ok(nobody.build()?)
}

fn anonymous(args: &SmartcallArgs) -> Result<Builder, Failure> {
    let nobody = ("nobody".to_owned(), Secret::new("nothing"));
    configured(args, nobody, "27810000000".parse()?, nowhere())
}

fn nowhere() -> Arc<dyn Journal> {
    Arc::new(Memory::default())
}

/// Gives the tokens back, so that they do not count against the limit of 50.
pub(crate) async fn close(client: &Client) {
    if tokio::time::timeout(CLOSE_TIME_MAX, client.close())
        .await
        .is_err()
    {
        crate::exit::note(
            "recharge: the service did not take its tokens back in time; they end by themselves after 4 hours",
        );
    }
}

fn account(args: &SmartcallArgs, credentials: &Credentials) -> Result<Msisdn, Failure> {
    args.account.map_or_else(|| credentials.account(), Ok)
}

fn configured(
    args: &SmartcallArgs,
    (username, password): (String, Secret),
    account: Msisdn,
    journal: Arc<dyn Journal>,
) -> Result<Builder, Failure> {
    let mut builder = Client::builder(username, password, account, journal).policy(policy(args));
    if !args.base_urls.is_empty() {
        builder = builder.base_urls(args.base_urls.iter().cloned());
    }
    if let Some(path) = &args.root_certificate {
        builder = builder
            .root_certificate(&certificate(path)?)
            .map_err(|invalid| no_certificate(path, &invalid.rule()))?;
    }
    Ok(builder)
}

/// The bytes of --root-certificate.
pub(crate) fn certificate(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| no_certificate(path, &error))
}

pub(crate) fn no_certificate(path: &Path, problem: &dyn Display) -> Failure {
    Failure::usage(format!("--root-certificate {}: {problem}", path.display()))
}

pub(crate) fn policy(args: &SmartcallArgs) -> Policy {
    times((args.timeout_ms, args.settle_ms, args.deadline_ms))
}

/// The policy with these times, in milliseconds: of one attempt, until "does not exist" is believed, and of one sale.
pub(crate) fn times(
    (timeout_ms, settle_ms, deadline_ms): (Option<u64>, Option<u64>, Option<u64>),
) -> Policy {
    let mut policy = Policy::default();
    if let Some(timeout_ms) = timeout_ms {
        policy = policy.with_attempt_timeout(Duration::from_millis(timeout_ms));
    }
    if let Some(settle_ms) = settle_ms {
        policy = policy.with_settle(Duration::from_millis(settle_ms));
    }
    if let Some(deadline_ms) = deadline_ms {
        policy = policy.with_deadline(Duration::from_millis(deadline_ms));
    }
    policy
}

pub(crate) fn open(given: Option<PathBuf>) -> Result<Sqlite, Failure> {
    let default = given.is_none() && env::var_os("RECHARGE_JOURNAL").is_none();
    let path = journal_path(given)?;
    if default && let Some(folder) = path.parent() {
        make_private(folder)
            .map_err(|error| Failure::other(format!("{}: {error}", folder.display())))?;
    }
    Ok(Sqlite::open_keeping(path, RETENTION)?)
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
