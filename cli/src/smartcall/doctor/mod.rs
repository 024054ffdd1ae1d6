//! `recharge smartcall doctor`: what must be well before anything is sold, looked at one by one.
//!
//! **The rule: it reads. It sells nothing, flushes nothing, changes no journal, and gives back the token that it took; and each thing that it
//! says comes with how it is known.** A check that could not be made is a warning, never well.

mod hosts;
mod journal;
mod production;

use std::time::Duration;

use recharge::Policy;
use recharge::smartcall::{Client, PRODUCTION};
use rust_decimal::Decimal;
use serde::Serialize;

use super::session::Session;
use crate::args::SmartcallArgs;
use crate::client;
use crate::exit::{Exit, Failure};
use crate::printer::{Printer, on_one_line};

/// A host that needs longer than this for a read is not well, unless --timeout-ms says otherwise.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Checks everything that selling needs: credentials, both hosts, TLS, tokens, balance, networks, clock, journal, and the vendor's questions
/// before production (chapter 19).
///
/// It reads only: it sells nothing and flushes nothing. Each check is ok, warning or failed, with its reason, how that is known, and what to
/// do. Exit code 0: all is ok; 5: there are warnings; 1: something failed.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// Warns when the account holds less than this, in rand
    #[arg(long, value_name = "RAND", value_parser = above_zero)]
    low_balance: Option<Decimal>,

    /// Says that you are on the vendor's list for notifications of maintenance and outages, which nothing else can tell
    #[arg(long)]
    on_notification_list: bool,
}

fn above_zero(text: &str) -> Result<Decimal, &'static str> {
    let amount = Decimal::from_str_exact(text).ok();
    amount
        .filter(|amount| *amount > Decimal::ZERO)
        .ok_or("must be an amount in rand above zero")
}

/// How a check ended, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warning,
    Failed,
}

/// One check: one object, with every key.
#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    /// The base URL of the host, if it is about one.
    host: Option<String>,
    status: Status,
    /// What was found.
    reason: String,
    /// How that is known.
    how: String,
    /// What to do; `None` if nothing is to be done.
    advice: Option<String>,
}

impl Check {
    fn new(
        check: &'static str,
        status: Status,
        reason: impl Into<String>,
        how: impl Into<String>,
    ) -> Self {
        Self {
            check,
            host: None,
            status,
            reason: reason.into(),
            how: how.into(),
            advice: None,
        }
    }

    fn ok(check: &'static str, reason: impl Into<String>, how: impl Into<String>) -> Self {
        Self::new(check, Status::Ok, reason, how)
    }

    fn warning(check: &'static str, reason: impl Into<String>, how: impl Into<String>) -> Self {
        Self::new(check, Status::Warning, reason, how)
    }

    fn failed(check: &'static str, reason: impl Into<String>, how: impl Into<String>) -> Self {
        Self::new(check, Status::Failed, reason, how)
    }

    /// One that could not be made.
    fn not_asked(check: &'static str, why: &str) -> Self {
        Self::warning(
            check,
            format!("not known: {why}"),
            "it could not be asked for",
        )
    }

    fn about(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    fn line(&self) -> String {
        let status = match self.status {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Failed => "failed",
        };
        let host = self
            .host
            .as_ref()
            .map(|host| format!(" {host}"))
            .unwrap_or_default();
        let reason = on_one_line(&self.reason);
        let mut line = format!(
            "{status:<8} {}{host}: {reason} ({})",
            self.check,
            on_one_line(&self.how)
        );
        if let Some(advice) = &self.advice {
            line.push_str(&format!("\n         -> {advice}"));
        }
        line
    }
}

/// What is configured, and which hosts let us in.
struct Patient<'a> {
    args: &'a SmartcallArgs,
    base_urls: Vec<String>,
    client: Result<Client, Failure>,
    /// The hosts that let us in.
    open: Vec<String>,
    /// Whether the account's balance was told.
    account_is_known: bool,
}

impl Patient<'_> {
    /// Whether the hosts are production's.
    fn in_production(&self) -> bool {
        self.base_urls
            .iter()
            .all(|url| PRODUCTION.contains(&url.trim_end_matches('/')))
    }
}

pub(super) async fn run(
    session: &Session,
    doctor: &DoctorArgs,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let args = &session.args;
    let base_urls = if args.base_urls.is_empty() {
        PRODUCTION.map(String::from).to_vec()
    } else {
        args.base_urls.clone()
    };
    // What cannot be a host is a mistake in the command, said before anything is asked.
    client::pinging(args)?;
    let mut worst = Status::Ok;
    let mut tell = |checks: Vec<Check>| -> Result<(), Failure> {
        for check in checks {
            worst = worst.max(check.status);
            printer.value(&check, &check.line())?;
        }
        Ok(())
    };
    let mut patient = Patient {
        args,
        base_urls,
        client: client::reading(args, policy(args)),
        open: Vec::new(),
        account_is_known: false,
    };
    tell(vec![credentials(&patient)])?;
    let (checks, open) = hosts::check(&patient).await?;
    patient.open = open;
    tell(checks)?;
    let (checks, known) = hosts::account(&patient, doctor.low_balance).await;
    patient.account_is_known = known;
    tell(checks)?;
    let (checks, kept) = journal::check(session.journal.clone()).await?;
    tell(checks)?;
    tell(production::check(
        &patient,
        &kept,
        doctor.on_notification_list,
    ))?;
    if let Ok(client) = &patient.client {
        client::close(client).await;
    }
    Ok(match worst {
        Status::Ok => Exit::Success,
        Status::Warning => Exit::Warned,
        Status::Failed => Exit::Other,
    })
}

/// A look must not take long: few tries, and short ones.
fn policy(args: &SmartcallArgs) -> Policy {
    let mut policy = client::policy(args);
    policy.read_tries_max = 2;
    match args.timeout_ms {
        Some(_) => policy,
        None => policy.with_attempt_timeout(TIMEOUT),
    }
}

fn credentials(patient: &Patient<'_>) -> Check {
    const NAME: &str = "credentials";
    match &patient.client {
        Ok(_) if patient.args.credentials.is_some() => Check::ok(
            NAME,
            "user name, password and account are given",
            "read from the file of --credentials, which only its owner can read, and the environment",
        ),
        Ok(_) => Check::ok(
            NAME,
            "user name, password and account are given",
            "read from the environment",
        ),
        Err(failure) => Check::failed(
            NAME,
            failure.message.clone(),
            "looked for in the environment and in the file of --credentials",
        )
        .advise("set SMARTCALL_USERNAME, SMARTCALL_PASSWORD and SMARTCALL_ACCOUNT; for a test account write to developers@smartcall.co.za (chapter 18)"),
    }
}
