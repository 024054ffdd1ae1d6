//! **The rule: every voucher of a file is given out or counted, and no error shows what is in it.**
//!
//! The file is a ZIP archive with one CSV, encrypted by WinZip's AES (method 99). Columns: Pin, Batch, VoucherNumber, Expiry Date, Voucher
//! description; they are found by their names, in whatever order. Everything has a limit: an archive comes from outside.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use zeroize::Zeroizing;
use zip::ZipArchive;
use zip::result::ZipError;

use super::download::BYTES_MAX;
use crate::domain::{Pin, PinKind, Secret};

/// The longest CSV that is unpacked.
const CSV_BYTES_MAX: u64 = 64 << 20;
/// The most members that are looked through for the CSV.
const MEMBERS_MAX: usize = 16;

/// The vouchers of a file.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FileVouchers {
    /// In the order of the file.
    pub vouchers: Vec<FileVoucher>,
    /// How many rows hold no PIN that can be read.
    pub unreadable: usize,
}

/// One voucher of a file.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FileVoucher {
    /// The PIN, with its serial number, its end and its description.
    pub pin: Pin,
    /// The batch that it is of.
    pub batch: Option<String>,
}

/// Why a file cannot be read. No variant holds anything of its content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VoucherFileError {
    /// The password is not that of this file. It may have been made again since ([`recreate_voucher_file`](crate::smartcall::Client::recreate_voucher_file)).
    #[error("the password is not that of this file")]
    Password,
    /// It is no ZIP archive, or not a whole one: download it again.
    #[error("the file is no whole ZIP archive")]
    Damaged,
    /// It is packed or encrypted in a way that is not known here.
    #[error("the file is packed in a way that is not known")]
    Unsupported,
    /// It is larger than is read, packed or unpacked.
    #[error("the file holds more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// There is not just one CSV in it.
    #[error("the file holds {found} CSV members, and should hold one")]
    Members {
        /// How many there are.
        found: usize,
    },
    /// The first row does not name a column Pin.
    #[error("the file's first row names no column Pin")]
    Columns,
    /// It could not be read from the disk.
    #[error("the file could not be read: {0}")]
    Disk(std::io::Error),
}

impl FileVouchers {
    /// Reads a file that was downloaded.
    ///
    /// # Errors
    /// When the password is another file's, or the file is damaged, foreign or too large.
    pub fn open(path: impl AsRef<Path>, password: &Secret) -> Result<Self, VoucherFileError> {
        let file = File::open(path).map_err(VoucherFileError::Disk)?;
        let length = file.metadata().map_err(VoucherFileError::Disk)?.len();
        if length > BYTES_MAX {
            return Err(VoucherFileError::TooLarge { limit: BYTES_MAX });
        }
        Self::read(BufReader::new(file), password)
    }

    /// Reads an archive from anywhere. For one from outside, limit its length first.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read(archive: impl Read + Seek, password: &Secret) -> Result<Self, VoucherFileError> {
        let csv = unpack(archive, password, CSV_BYTES_MAX)?;
        parse(&String::from_utf8_lossy(&csv))
    }
}

fn unpack(
    archive: impl Read + Seek,
    password: &Secret,
    limit: u64,
) -> Result<Zeroizing<Vec<u8>>, VoucherFileError> {
    let mut archive = ZipArchive::new(archive)?;
    let mut found = Vec::new();
    for name in archive.file_names().take(MEMBERS_MAX) {
        let name = name?.into_owned();
        if name.to_ascii_lowercase().ends_with(".csv") {
            found.push(name);
        }
    }
    let [name] = found.as_slice() else {
        return Err(VoucherFileError::Members { found: found.len() });
    };
    let member = archive.by_name_decrypt(name, password.expose().as_bytes())?;
    // What the archive says of its size is not believed, except to make room.
    let room = member.size().min(limit);
    let mut csv = Zeroizing::new(Vec::with_capacity(
        usize::try_from(room).unwrap_or_default(),
    ));
    let read = member.take(limit + 1).read_to_end(&mut csv);
    read.map_err(|_| VoucherFileError::Damaged)?;
    if csv.len() as u64 > limit {
        return Err(VoucherFileError::TooLarge { limit });
    }
    Ok(csv)
}

/// The texts of the archive's errors are left out: names stand in them.
impl From<ZipError> for VoucherFileError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::InvalidPassword => Self::Password,
            ZipError::UnsupportedArchive(text) if text == ZipError::PASSWORD_REQUIRED => {
                Self::Password
            }
            ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
                Self::Unsupported
            }
            _ => Self::Damaged,
        }
    }
}

/// Where the columns are.
struct Columns {
    separator: char,
    count: usize,
    pin: usize,
    batch: Option<usize>,
    serial: Option<usize>,
    expires: Option<usize>,
    description: Option<usize>,
}

impl Columns {
    fn read(head: &str) -> Option<Self> {
        let separator = [',', ';', '\t']
            .into_iter()
            .max_by_key(|separator| head.matches(*separator).count())?;
        let names: Vec<String> = cells(head, separator)
            .iter()
            .map(|name| plain(name))
            .collect();
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        Some(Self {
            separator,
            count: names.len(),
            pin: place("pin")?,
            batch: place("batch"),
            serial: place("vouchernumber"),
            expires: place("expirydate"),
            description: place("voucherdescription"),
        })
    }
}

/// A column's name by its letters.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
}

fn parse(csv: &str) -> Result<FileVouchers, VoucherFileError> {
    let mut rows = csv.trim_start_matches('\u{feff}').lines();
    let columns = rows
        .next()
        .and_then(Columns::read)
        .ok_or(VoucherFileError::Columns)?;
    let (mut vouchers, mut unreadable) = (Vec::new(), 0);
    for row in rows.filter(|row| !row.trim().is_empty()) {
        match voucher(row, &columns) {
            Some(voucher) => vouchers.push(voucher),
            None => unreadable += 1,
        }
    }
    Ok(FileVouchers {
        vouchers,
        unreadable,
    })
}

fn voucher(row: &str, columns: &Columns) -> Option<FileVoucher> {
    let cells = cells(row, columns.separator);
    let last_is_text = columns.description == Some(columns.count - 1);
    if cells.len() > columns.count && !last_is_text {
        // Nobody knows which cell is which.
        return None;
    }
    let cell = |place: usize| {
        let cell = cells.get(place)?.trim();
        (!cell.is_empty()).then(|| cell.to_owned())
    };
    let code = cell(columns.pin).filter(|code| !code.contains(char::REPLACEMENT_CHARACTER))?;
    // A separator within the description has parted it.
    let separator = columns.separator.to_string();
    let rest = |place: usize| match cells.get(place..) {
        Some(parts) if last_is_text => Some(
            parts
                .iter()
                .map(|part| part.as_str())
                .collect::<Vec<_>>()
                .join(&separator),
        ),
        _ => cell(place),
    };
    let description = columns.description.and_then(rest);
    Some(FileVoucher {
        pin: Pin {
            serial: columns.serial.and_then(cell),
            expires: columns.expires.and_then(cell),
            description: description
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty()),
            ..Pin::new(PinKind::Voucher, Secret::new(code))
        },
        batch: columns.batch.and_then(cell),
    })
}

/// The cells of a row; one in quotes may hold the separator, and a quote as two.
fn cells(row: &str, separator: char) -> Vec<Zeroizing<String>> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = row.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted || cell.trim().is_empty() => quoted = !quoted,
            _ if letter == separator && !quoted => {
                cells.push(Zeroizing::new(std::mem::take(&mut cell)))
            }
            _ => cell.push(letter),
        }
    }
    cells.push(Zeroizing::new(cell));
    cells
}

#[cfg(test)]
mod tests;
