//! The hosts, each by itself, and then what the service says of the account.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use recharge::ambient::{Ambient, System};
use recharge::recovery::Denial;
use recharge::smartcall::{Client, Health, MobileNetwork};
use recharge::{ReadError, Timestamp};
use rust_decimal::Decimal;

use super::{Check, Patient, policy};
use crate::client;
use crate::exit::Failure;
use crate::smartcall::utilities::word;

/// Expiries and windows are counted in hours; half a minute is no harm, ten are.
const SKEW_WARNING: Duration = Duration::from_secs(30);
const SKEW_FAILED: Duration = Duration::from_secs(600);

/// So few tokens left that the next process may find none, of 50.
const TOKENS_FEW: u32 = 5;

/// All checks of all hosts, and the hosts that let us in.
pub(super) async fn check(patient: &Patient<'_>) -> Result<(Vec<Check>, Vec<String>), Failure> {
    let each = patient.base_urls.iter().map(|url| one(patient, url));
    let (mut checks, mut open) = (Vec::new(), Vec::new());
    for (url, told) in patient.base_urls.iter().zip(join_all(each).await) {
        let (of_host, let_in) = told?;
        checks.extend(of_host.into_iter().map(|check| check.about(url)));
        open.extend(let_in.then(|| url.clone()));
    }
    Ok((checks, open))
}

async fn one(patient: &Patient<'_>, url: &str) -> Result<(Vec<Check>, bool), Failure> {
    let pinging = client::pinging_one(patient.args, policy(patient.args), url)?;
    let clock = System::new();
    let before = clock.now();
    let answer = pinging.raw().ping().await;
    let took = clock.now() - before;
    let date = answer
        .as_ref()
        .ok()
        .and_then(|answer| answer.headers().get("date")?.to_str().ok())
        .map(str::to_owned);
    let ping = match answer {
        Ok(_) => Ok(()),
        // Asked again for the reason in words, unless it has come back meanwhile.
        Err(_) => pinging.ping().await.map(|_| ()),
    };
    let mut checks = vec![host(&ping, took), tls(&ping, url)];
    if ping.is_ok() {
        checks.push(skew(date.as_deref(), clock.wall(), took));
    }
    let let_in = match (&ping, &patient.client) {
        (Err(_), _) => {
            checks.push(Check::not_asked("login", "the host did not answer"));
            false
        }
        (_, Err(_)) => {
            checks.push(Check::not_asked("login", "there are no credentials"));
            false
        }
        (Ok(()), Ok(_)) => {
            let one = client::reading_one(patient.args, policy(patient.args), url)?;
            let denied = denied(one.balance().await);
            client::close(&one).await;
            let let_in = denied.is_none();
            checks.extend(entrance(denied));
            let_in
        }
    };
    Ok((checks, let_in))
}

fn host(ping: &Result<(), ReadError>, took: Duration) -> Check {
    match ping {
        Ok(()) => Check::ok(
            "host",
            format!("answers, after {} ms", took.as_millis()),
            "pinged, without a login",
        ),
        Err(error) => Check::failed("host", error.to_string(), "pinged, without a login").advise(
            "check the URL, with port and /webservice; that a firewall lets this machine out to that port; and the vendor's notifications of outages",
        ),
    }
}

fn tls(ping: &Result<(), ReadError>, url: &str) -> Check {
    const NAME: &str = "tls";
    let certificate = |error: &ReadError| {
        let text = error.to_string().to_ascii_lowercase();
        text.contains("certificate") || text.contains("tls")
    };
    match ping {
        _ if url.starts_with("http:") => Check::warning(
            NAME,
            "not encrypted, which is allowed to this machine only",
            "the URL begins with http:",
        )
        .advise("use https for a host that is not a sandbox on this machine"),
        Ok(()) => Check::ok(
            NAME,
            "encrypted, and the certificate is trusted and names the host",
            "the connection was made, and is never made otherwise",
        ),
        Err(error) if certificate(error) => {
            Check::failed(NAME, error.to_string(), "a connection was tried")
                .advise("give the issuer's certificate with --root-certificate, or install it on this machine (FAQ 8); check the clock")
        }
        Err(_) => Check::not_asked(NAME, "there was no connection"),
    }
}

fn skew(date: Option<&str>, wall: Timestamp, took: Duration) -> Check {
    const NAME: &str = "clock";
    let Some(theirs) = date
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .and_then(since_1970)
    else {
        return Check::not_asked(NAME, "the answer has no date");
    };
    let apart = wall.0.abs_diff(theirs.0);
    // The header has whole seconds, and was written some time within the round trip.
    let skew = Duration::from_millis(apart).saturating_sub(took + Duration::from_secs(1));
    let behind = if wall < theirs { "behind" } else { "ahead" };
    let how = "this machine's clock beside the Date of an answer";
    if skew <= SKEW_WARNING {
        return Check::ok(NAME, "agrees with the host's", how);
    }
    let reason = format!(
        "this machine's clock is {} s {behind} the host's",
        skew.as_secs()
    );
    let check = if skew > SKEW_FAILED {
        Check::failed(NAME, reason, how)
    } else {
        Check::warning(NAME, reason, how)
    };
    check.advise("set the clock, such as by NTP: tokens, and how long the service finds a reference, are counted by it")
}

fn since_1970(time: SystemTime) -> Option<Timestamp> {
    let millis = time.duration_since(UNIX_EPOCH).ok()?.as_millis();
    u64::try_from(millis).ok().map(Timestamp)
}

/// Why a read was not let in. An answer of any other kind was behind the door.
fn denied<T>(read: Result<T, ReadError>) -> Option<ReadError> {
    match read {
        Err(error @ (ReadError::Denied(_) | ReadError::Unreachable(_))) => Some(error),
        _ => None,
    }
}

fn entrance(denied: Option<ReadError>) -> Vec<Check> {
    const HOW: &str = "logged in, asked for the balance, and gave the token back";
    let address = |why| Check::not_asked("source address", why);
    match denied {
        None => vec![
            Check::ok("login", "the credentials are accepted", HOW),
            Check::ok("source address", "calls from here are taken", HOW),
        ],
        Some(ReadError::Denied(denial @ Denial::SourceAddress)) => vec![
            Check::not_asked("login", "the source address was refused"),
            Check::failed("source address", denial.to_string(), "tried to log in").advise(
                "ask developers@smartcall.co.za to allow the address by which this machine leaves your network (chapter 15)",
            ),
        ],
        Some(ReadError::Denied(denial @ Denial::TokenLimit(_))) => vec![
            Check::failed("login", denial.to_string(), "tried to log in").advise(
                "stop processes that log in again and again; tokens end after 4 hours unused. `recharge smartcall tokens flush` ends all at once, also those of tills that work",
            ),
            address("the login was refused for its tokens"),
        ],
        Some(ReadError::Denied(denial)) => vec![
            Check::failed("login", denial.to_string(), "tried to log in").advise(
                "check SMARTCALL_USERNAME and SMARTCALL_PASSWORD; test and production have credentials of their own (chapter 7)",
            ),
            address("the credentials were refused"),
        ],
        Some(error) => vec![
            Check::failed("login", error.to_string(), "tried to log in")
                .advise("try again; if it stays so, look at the vendor's notifications"),
            address("the login was not answered"),
        ],
    }
}

/// What the service says of the account, over whichever host answers; and whether it knows the account.
pub(super) async fn account(
    patient: &Patient<'_>,
    low_balance: Option<Decimal>,
) -> (Vec<Check>, bool) {
    const NAMES: [&str; 4] = ["tokens", "balance", "network health", "rica health"];
    let client = match &patient.client {
        Ok(client) if !patient.open.is_empty() => client,
        _ => {
            let skipped = NAMES.map(|name| Check::not_asked(name, "no host lets us in"));
            return (skipped.into(), false);
        }
    };
    let (balance, known) = balance(client, low_balance).await;
    let checks = vec![
        tokens(client).await,
        balance,
        health("network health", client.network_health().await),
        health("rica health", client.rica_health().await),
    ];
    (checks, known)
}

async fn tokens(client: &Client) -> Check {
    const NAME: &str = "tokens";
    let how = "asked the service";
    match client.tokens_left().await {
        Ok(left) if left <= TOKENS_FEW => Check::warning(NAME, format!("{left} are left"), how)
            .advise(
                "let processes share a journal, which keeps their tokens, and close their clients",
            ),
        Ok(left) => Check::ok(NAME, format!("{left} are left"), how),
        Err(error) => Check::warning(NAME, error.to_string(), how),
    }
}

fn health(name: &'static str, told: Result<BTreeMap<MobileNetwork, Health>, ReadError>) -> Check {
    let how = "asked the service";
    match told {
        Err(error) => Check::warning(name, error.to_string(), how),
        Ok(told) => {
            let down: Vec<String> = told
                .iter()
                .filter(|(_, health)| !health.is_up())
                .map(|(network, health)| format!("{} {}", network.name(), word(health)))
                .collect();
            if down.is_empty() {
                return Check::ok(name, format!("all {} networks are UP", told.len()), how);
            }
            Check::warning(name, down.join(", "), how).advise(
                "sell nothing there until it is up again; the vendor's notifications say more",
            )
        }
    }
}

async fn balance(client: &Client, low_balance: Option<Decimal>) -> (Check, bool) {
    const NAME: &str = "balance";
    let how = "asked the service";
    match client.balance().await {
        Ok(balance) => {
            let low = low_balance.filter(|low| balance < *low);
            let reason = format!("R{balance}");
            let check = match low {
                Some(low) => Check::warning(NAME, format!("{reason}, less than R{low}"), how)
                    .advise("pay in, or ask your dealer to"),
                None if low_balance.is_none() => Check::ok(
                    NAME,
                    reason,
                    "asked the service; --low-balance says from where on to warn",
                ),
                None => Check::ok(NAME, reason, how),
            };
            (check, true)
        }
        Err(error) => {
            let check = Check::failed(NAME, error.to_string(), how).advise(
                "check SMARTCALL_ACCOUNT: the account must be linked to this user (chapter 6)",
            );
            (check, false)
        }
    }
}
