//! The statements: one function for each thing that is done to a row.

use std::borrow::Cow;
use std::str::FromStr;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use rust_decimal::Decimal;

use crate::auth::StoredToken;
use crate::domain::{Secret, Timestamp};
use crate::journal::{
    Arrived, Attempt, Begun, End, Ending, Entry, Intent, Key, Note, Service, Which, admit,
};

type Result<T> = rusqlite::Result<T>;

pub(super) fn begin(connection: &Connection, intent: Intent, attempt: Attempt) -> Result<Begun> {
    let key = intent.key();
    match read(connection, &key)? {
        Some(entry) if !admit(Some(&entry), &intent) => return Ok(Begun::Exists(Box::new(entry))),
        Some(_) => delete(connection, &key)?,
        None => {}
    }
    connection
        .prepare_cached(
            "INSERT INTO sales (service, account, reference, operation, target, product, amount, options, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            key.service.name(),
            key.account,
            key.reference.as_str(),
            intent.operation,
            intent.target,
            intent.product,
            intent.amount.to_string(),
            intent.options,
            millis(intent.created_at),
        ])?;
    insert_attempt(connection, &key, &attempt)?;
    Ok(Begun::Recorded)
}

/// Adds to a row. `false`: there is no such row, or it has ended, and an end is for ever.
pub(super) fn write(connection: &Connection, key: &Key, note: &Note) -> Result<bool> {
    let (service, account, reference) = (key.service.name(), &key.account, key.reference.as_str());
    let changed = match note {
        Note::Attempt { previous, attempt } => {
            if !is_open(connection, key)? {
                return Ok(false);
            }
            connection
                .prepare_cached(
                    "UPDATE attempts SET arrived = ? WHERE service = ? AND account = ? AND reference = ? AND number = ?",
                )?
                .execute(params![
                    arrived_name(*previous),
                    service,
                    account,
                    reference,
                    attempt.number.saturating_sub(1)
                ])?;
            insert_attempt(connection, key, attempt)?;
            1
        }
        Note::Pending { provider_reference } => connection
            .prepare_cached(
                "UPDATE sales SET pending = 1, refusal = NULL, provider_reference = coalesce(?, provider_reference)
                 WHERE service = ? AND account = ? AND reference = ? AND ending IS NULL",
            )?
            .execute(params![provider_reference, service, account, reference])?,
        Note::Refused(refusal) => connection
            .prepare_cached(
                "UPDATE sales SET refusal = ?, pending = 0
                 WHERE service = ? AND account = ? AND reference = ? AND ending IS NULL",
            )?
            .execute(params![name(refusal)?, service, account, reference])?,
        Note::ProviderReference(found) => connection
            .prepare_cached(
                "UPDATE sales SET provider_reference = coalesce(provider_reference, ?)
                 WHERE service = ? AND account = ? AND reference = ?",
            )?
            .execute(params![found, service, account, reference])?,
        Note::End(end) => connection
            .prepare_cached(
                "UPDATE sales SET ending = :ending, provider_reference = coalesce(:provider_reference, provider_reference),
                    balance = :balance, code = :code, message = :message, advice = :advice, ended_at = :ended_at
                 WHERE service = :service AND account = :account AND reference = :reference AND ending IS NULL",
            )?
            .execute(named_params! {
                ":ending": name(&end.ending)?,
                ":provider_reference": end.provider_reference,
                ":balance": end.balance.map(|balance| balance.to_string()),
                ":code": end.code,
                ":message": end.message,
                ":advice": end.advice.as_ref().map(name).transpose()?,
                ":ended_at": millis(end.at),
                ":service": service,
                ":account": account,
                ":reference": reference,
            })?,
    };
    Ok(changed == 1)
}

fn is_open(connection: &Connection, key: &Key) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM sales WHERE service = ? AND account = ? AND reference = ? AND ending IS NULL",
        )?
        .exists(params![key.service.name(), key.account, key.reference.as_str()])
}

pub(super) fn read(connection: &Connection, key: &Key) -> Result<Option<Entry>> {
    let entry = connection
        .prepare_cached("SELECT * FROM sales WHERE service = ? AND account = ? AND reference = ?")?
        .query_row(
            params![key.service.name(), key.account, key.reference.as_str()],
            entry,
        )
        .optional()?;
    entry
        .map(|entry| with_attempts(connection, entry))
        .transpose()
}

pub(super) fn list(
    connection: &Connection,
    which: Which,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<Entry>> {
    let open = match which {
        Which::All => "",
        Which::Open => "ending IS NULL AND",
    };
    let sql = format!(
        "SELECT * FROM sales WHERE {open} (service, account, reference) > (?, ?, ?) ORDER BY service, account, reference LIMIT ?"
    );
    let (service, account, reference) = after.map_or(("", "", ""), |key| {
        (key.service.name(), &key.account, key.reference.as_str())
    });
    let entries: Vec<Entry> = connection
        .prepare_cached(&sql)?
        .query_map(
            params![
                service,
                account,
                reference,
                i64::try_from(limit).unwrap_or(i64::MAX)
            ],
            entry,
        )?
        .collect::<Result<_>>()?;
    entries
        .into_iter()
        .map(|entry| with_attempts(connection, entry))
        .collect()
}

/// Drops at most `limit` rows that ended before `before`.
pub(super) fn forget(connection: &Connection, before: Timestamp, limit: u32) -> Result<usize> {
    connection
        .prepare_cached(
            "DELETE FROM sales WHERE (service, account, reference) IN
                (SELECT service, account, reference FROM sales WHERE ending IS NOT NULL AND ended_at < ? LIMIT ?)",
        )?
        .execute(params![millis(before), limit])
}

pub(super) fn load_token(connection: &Connection, name: &str) -> Result<Option<StoredToken>> {
    connection
        .prepare_cached("SELECT token, expires_at FROM tokens WHERE name = ?")?
        .query_row([name], |row| {
            Ok(StoredToken {
                token: Secret::new(row.get::<_, String>(0)?),
                expires_at: timestamp(row, "expires_at")?,
            })
        })
        .optional()
}

pub(super) fn save_token(
    connection: &Connection,
    name: &str,
    token: Option<&StoredToken>,
) -> Result<()> {
    match token {
        Some(token) => connection
            .prepare_cached(
                "INSERT OR REPLACE INTO tokens (name, token, expires_at) VALUES (?, ?, ?)",
            )?
            .execute(params![
                name,
                token.token.expose(),
                millis(token.expires_at)
            ])?,
        None => connection
            .prepare_cached("DELETE FROM tokens WHERE name = ?")?
            .execute([name])?,
    };
    Ok(())
}

fn delete(connection: &Connection, key: &Key) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM sales WHERE service = ? AND account = ? AND reference = ?")?
        .execute(params![
            key.service.name(),
            key.account,
            key.reference.as_str()
        ])
        .map(drop)
}

fn insert_attempt(connection: &Connection, key: &Key, attempt: &Attempt) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO attempts (service, account, reference, number, host, started_at, arrived, balance_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?
        .execute(params![
            key.service.name(),
            key.account,
            key.reference.as_str(),
            attempt.number,
            attempt.host,
            millis(attempt.started_at),
            attempt.arrived.map(arrived_name),
            attempt.balance_before.map(|balance| balance.to_string()),
        ])
        .map(drop)
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let ending: Option<String> = row.get("ending")?;
    let refusal: Option<String> = row.get("refusal")?;
    let end = ending.map(|ending| end(row, &ending)).transpose()?;
    let intent = Intent {
        service: parsed(row, "service")?,
        account: row.get("account")?,
        reference: row
            .get::<_, String>("reference")?
            .try_into()
            .map_err(conversion)?,
        operation: Cow::Owned(row.get("operation")?),
        target: row.get("target")?,
        product: row.get("product")?,
        amount: from_text(row, "amount")?,
        options: row.get("options")?,
        created_at: timestamp(row, "created_at")?,
    };
    Ok(Entry {
        intent,
        attempts: Vec::new(),
        provider_reference: row.get("provider_reference")?,
        pending: row.get("pending")?,
        refusal: refusal.as_deref().map(named).transpose()?,
        end,
    })
}

fn end(row: &Row<'_>, ending: &str) -> Result<End> {
    let advice: Option<String> = row.get("advice")?;
    Ok(End {
        ending: named::<Ending>(ending)?,
        provider_reference: row.get("provider_reference")?,
        balance: decimal(row, "balance")?,
        code: row.get("code")?,
        message: row.get::<_, Option<String>>("message")?.unwrap_or_default(),
        advice: advice.as_deref().map(named).transpose()?,
        at: timestamp(row, "ended_at")?,
    })
}

fn with_attempts(connection: &Connection, mut entry: Entry) -> Result<Entry> {
    let key = entry.intent.key();
    entry.attempts = connection
        .prepare_cached(
            "SELECT number, host, started_at, arrived, balance_before FROM attempts WHERE service = ? AND account = ? AND reference = ? ORDER BY number",
        )?
        .query_map(params![key.service.name(), key.account, key.reference.as_str()], |row| {
            let arrived: Option<String> = row.get("arrived")?;
            Ok(Attempt {
                number: row.get("number")?,
                host: row.get("host")?,
                started_at: timestamp(row, "started_at")?,
                arrived: arrived.as_deref().map(named).transpose()?,
                balance_before: decimal(row, "balance_before")?,
            })
        })?
        .collect::<Result<_>>()?;
    Ok(entry)
}

fn arrived_name(arrived: Arrived) -> &'static str {
    match arrived {
        Arrived::No => "no",
        Arrived::Maybe => "maybe",
    }
}

/// The name that serde gives a value: a bare word, or JSON where the value holds more than a name.
fn name(value: &impl serde::Serialize) -> Result<String> {
    let json = serde_json::to_value(value).map_err(conversion)?;
    Ok(json
        .as_str()
        .map_or_else(|| json.to_string(), str::to_owned))
}

fn named<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    let json = if text.starts_with('{') {
        serde_json::from_str(text).map_err(conversion)?
    } else {
        serde_json::Value::from(text)
    };
    serde_json::from_value(json).map_err(conversion)
}

fn parsed(row: &Row<'_>, column: &str) -> Result<Service> {
    named(&row.get::<_, String>(column)?)
}

fn from_text<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    row: &Row<'_>,
    column: &str,
) -> Result<T> {
    row.get::<_, String>(column)?.parse().map_err(conversion)
}

fn decimal(row: &Row<'_>, column: &str) -> Result<Option<Decimal>> {
    row.get::<_, Option<String>>(column)?
        .map(|text| Decimal::from_str(&text).map_err(conversion))
        .transpose()
}

fn conversion(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
}

fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}

fn timestamp(row: &Row<'_>, column: &str) -> Result<Timestamp> {
    row.get::<_, i64>(column)
        .map(|at| Timestamp(u64::try_from(at).unwrap_or_default()))
}
