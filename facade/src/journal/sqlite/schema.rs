//! The tables, and their version. A later version of this library may add to them; an earlier one refuses what it does not know.

use std::path::Path;

use rusqlite::Connection;

use super::store;
use crate::journal::JournalError;

const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE sales (
        id                 INTEGER PRIMARY KEY,  -- in the order in which they are recorded: neighbours in time share a page
        service            TEXT NOT NULL,
        account            TEXT NOT NULL,
        reference          TEXT NOT NULL,
        operation          TEXT NOT NULL,     -- its name in the service's document
        target             TEXT NOT NULL,
        product            INTEGER NOT NULL,
        amount             TEXT NOT NULL,     -- a decimal, in the service's unit
        options            TEXT NOT NULL,     -- JSON
        created_at         INTEGER NOT NULL,  -- milliseconds since 1970, like every time here
        provider_reference TEXT,
        pending            INTEGER NOT NULL DEFAULT 0,
        refusal            TEXT,              -- JSON; a refusal that is not certain yet
        ending             TEXT,              -- vended, done, refused, cancelled, not_sent; NULL while open
        balance            TEXT,
        code               INTEGER,
        message            TEXT,
        advice             TEXT,              -- JSON
        ended_at           INTEGER,
        UNIQUE (service, account, reference)
    ) STRICT;
    CREATE INDEX sales_open ON sales (service, account, reference) WHERE ending IS NULL;
    CREATE INDEX sales_ended ON sales (ended_at) WHERE ending IS NOT NULL;

    CREATE TABLE attempts (
        sale       INTEGER NOT NULL REFERENCES sales ON DELETE CASCADE,
        number     INTEGER NOT NULL,
        host       TEXT NOT NULL,         -- its base URL
        started_at INTEGER NOT NULL,
        arrived    TEXT,                  -- no, maybe; NULL if nobody wrote down how it ended
        balance_before TEXT,              -- of the account, for a sale that no enquiry can find
        PRIMARY KEY (sale, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tokens (
        name       TEXT PRIMARY KEY,
        token      TEXT NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
";

/// Sets the connection up for durability, and makes the tables in a new file.
pub(super) fn prepare(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    let mode: String = connection
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(store)?;
    if mode != "wal" {
        return Err(JournalError::Store(format!(
            "{}: no write-ahead log on this file system ({mode})",
            path.display()
        )));
    }
    connection
        .execute_batch(
            // The two about fullfsync matter on macOS only, where a plain sync does not reach the disk.
            "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA foreign_keys = ON;",
        )
        .map_err(store)?;
    if check_version(connection, path)? == 0 {
        let make = format!("BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;");
        connection.execute_batch(&make).map_err(store)?;
    }
    Ok(())
}

/// The version of the file: 0 for a new one.
pub(super) fn check_version(connection: &Connection, path: &Path) -> Result<i64, JournalError> {
    let found = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(store)?;
    if found > VERSION {
        return Err(JournalError::Version {
            path: path.display().to_string(),
            found,
            known: VERSION,
        });
    }
    Ok(found)
}
