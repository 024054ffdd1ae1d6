//! The statements: one function for each thing that is done to a row.

use std::borrow::Cow;
use std::str::FromStr;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use rust_decimal::Decimal;

use crate::auth::StoredToken;
use crate::domain::{Secret, Timestamp};
use crate::journal::{Arrived, Attempt, Begun, End, Entry, Intent, Key, Note, Which, admit};

type Result<T> = rusqlite::Result<T>;

/// What [`entry`] reads, in its order.
macro_rules! columns {
    () => {
        "id, service, account, reference, operation, target, product, amount, options, created_at, provider_reference, pending, refusal, ending, \
         balance, code, message, advice, ended_at"
    };
}

pub(super) fn begin(connection: &Connection, intent: &Intent, attempt: &Attempt) -> Result<Begun> {
    let sale = match insert(connection, intent)? {
        Some(sale) => sale,
        None => {
            let key = intent.key();
            match read(connection, &key)? {
                Some(entry) if !admit(Some(&entry), intent) => {
                    return Ok(Begun::Exists(Box::new(entry)));
                }
                _ => delete(connection, &key)?,
            }
            insert(connection, intent)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?
        }
    };
    insert_attempt(connection, sale, attempt)?;
    Ok(Begun::Recorded)
}

/// Records a sale, and gives its number; `None`: its reference is there already, and nothing was written.
fn insert(connection: &Connection, intent: &Intent) -> Result<Option<i64>> {
    let inserted = connection
        .prepare_cached(
            "INSERT INTO sales (service, account, reference, operation, target, product, amount, options, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (service, account, reference) DO NOTHING",
        )?
        .execute(params![
            intent.service.name(),
            intent.account,
            intent.reference.as_str(),
            intent.operation,
            intent.target,
            intent.product,
            intent.amount.to_string(),
            intent.options,
            millis(intent.created_at),
        ])?;
    Ok((inserted == 1).then(|| connection.last_insert_rowid()))
}

/// Adds to a row. `false`: there is no such row, or it has ended, and an end is for ever.
pub(super) fn write(connection: &Connection, key: &Key, note: &Note) -> Result<bool> {
    let (service, account, reference) = (key.service.name(), &key.account, key.reference.as_str());
    let changed = match note {
        Note::Attempt { previous, attempt } => {
            let Some(sale) = open(connection, key)? else {
                return Ok(false);
            };
            connection
                .prepare_cached("UPDATE attempts SET arrived = ? WHERE sale = ? AND number = ?")?
                .execute(params![
                    arrived_name(*previous),
                    sale,
                    attempt.number.saturating_sub(1)
                ])?;
            insert_attempt(connection, sale, attempt)?;
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
                "UPDATE sales SET ending = ?, provider_reference = coalesce(?, provider_reference),
                    balance = ?, code = ?, message = ?, advice = ?, ended_at = ?
                 WHERE service = ? AND account = ? AND reference = ? AND ending IS NULL",
            )?
            .execute(params![
                name(&end.ending)?,
                end.provider_reference,
                end.balance.map(|balance| balance.to_string()),
                end.code,
                end.message,
                end.advice.as_ref().map(name).transpose()?,
                millis(end.at),
                service,
                account,
                reference,
            ])?,
    };
    Ok(changed == 1)
}

/// The number of a sale that has not ended.
fn open(connection: &Connection, key: &Key) -> Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT id FROM sales WHERE service = ? AND account = ? AND reference = ? AND ending IS NULL",
        )?
        .query_row(
            params![key.service.name(), key.account, key.reference.as_str()],
            |row| row.get(0),
        )
        .optional()
}

pub(super) fn read(connection: &Connection, key: &Key) -> Result<Option<Entry>> {
    let row = connection
        .prepare_cached(concat!(
            "SELECT ",
            columns!(),
            " FROM sales WHERE service = ? AND account = ? AND reference = ?"
        ))?
        .query_row(
            params![key.service.name(), key.account, key.reference.as_str()],
            entry,
        )
        .optional()?;
    row.map(|row| with_attempts(connection, row)).transpose()
}

pub(super) fn list(
    connection: &Connection,
    which: Which,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<Entry>> {
    // The index is named: whatever is known of the tables, a few open rows are found among millions without looking at those.
    let from = match which {
        Which::All => "sales WHERE",
        Which::Open => "sales INDEXED BY sales_open WHERE ending IS NULL AND",
    };
    let columns = columns!();
    let sql = format!(
        "SELECT {columns} FROM {from} (service, account, reference) > (?, ?, ?) ORDER BY service, account, reference LIMIT ?"
    );
    let (service, account, reference) = after.map_or(("", "", ""), |key| {
        (key.service.name(), &key.account, key.reference.as_str())
    });
    let rows: Vec<(i64, Entry)> = connection
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
    rows.into_iter()
        .map(|row| with_attempts(connection, row))
        .collect()
}

/// Drops at most `limit` rows that ended before `before`.
pub(super) fn forget(connection: &Connection, before: Timestamp, limit: u32) -> Result<usize> {
    connection
        .prepare_cached(
            "DELETE FROM sales WHERE id IN
                (SELECT id FROM sales INDEXED BY sales_ended WHERE ending IS NOT NULL AND ended_at < ? LIMIT ?)",
        )?
        .execute(params![millis(before), limit])
}

pub(super) fn load_token(connection: &Connection, name: &str) -> Result<Option<StoredToken>> {
    connection
        .prepare_cached("SELECT token, expires_at FROM tokens WHERE name = ?")?
        .query_row([name], |row| {
            Ok(StoredToken {
                token: Secret::new(row.get::<_, String>(0)?),
                expires_at: timestamp(row, 1)?,
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

fn insert_attempt(connection: &Connection, sale: i64, attempt: &Attempt) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO attempts (sale, number, host, started_at, arrived, balance_before) VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            sale,
            attempt.number,
            attempt.host,
            millis(attempt.started_at),
            attempt.arrived.map(arrived_name),
            attempt.balance_before.map(|balance| balance.to_string()),
        ])
        .map(drop)
}

/// A row, with its number and without its attempts.
fn entry(row: &Row<'_>) -> Result<(i64, Entry)> {
    let intent = Intent {
        service: named(row.get_ref(1)?.as_str()?)?,
        account: row.get(2)?,
        reference: row.get::<_, String>(3)?.try_into().map_err(conversion)?,
        operation: Cow::Owned(row.get(4)?),
        target: row.get(5)?,
        product: row.get(6)?,
        amount: row.get_ref(7)?.as_str()?.parse().map_err(conversion)?,
        options: row.get(8)?,
        created_at: timestamp(row, 9)?,
    };
    let provider_reference: Option<String> = row.get(10)?;
    let end = match row.get_ref(13)?.as_str_or_null()? {
        Some(ending) => Some(End {
            ending: named(ending)?,
            provider_reference: provider_reference.clone(),
            balance: decimal(row, 14)?,
            code: row.get(15)?,
            message: row.get::<_, Option<String>>(16)?.unwrap_or_default(),
            advice: optional(row, 17)?,
            at: timestamp(row, 18)?,
        }),
        None => None,
    };
    let entry = Entry {
        intent,
        attempts: Vec::new(),
        provider_reference,
        pending: row.get(11)?,
        refusal: optional(row, 12)?,
        end,
    };
    Ok((row.get(0)?, entry))
}

fn with_attempts(connection: &Connection, (sale, mut entry): (i64, Entry)) -> Result<Entry> {
    entry.attempts = connection
        .prepare_cached(
            "SELECT number, host, started_at, arrived, balance_before FROM attempts WHERE sale = ? ORDER BY number",
        )?
        .query_map([sale], |row| {
            Ok(Attempt {
                number: row.get(0)?,
                host: row.get(1)?,
                started_at: timestamp(row, 2)?,
                arrived: optional(row, 3)?,
                balance_before: decimal(row, 4)?,
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

fn optional<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<Option<T>> {
    row.get_ref(column)?
        .as_str_or_null()?
        .map(named)
        .transpose()
}

fn decimal(row: &Row<'_>, column: usize) -> Result<Option<Decimal>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    text.map(|text| Decimal::from_str(text).map_err(conversion))
        .transpose()
}

fn conversion(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
}

fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}

fn timestamp(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    row.get::<_, i64>(column)
        .map(|at| Timestamp(u64::try_from(at).unwrap_or_default()))
}
