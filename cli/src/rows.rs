//! The rows of a bulk file.
//!
//! **The rule: a row is one line, and a bad one is told by its line, its field and its rule, and spoils no
//! other.** The file is read line by line (fields hold no line breaks), so that a quote that is not closed
//! cannot swallow the rows after it, and no more than one line is held.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use recharge::smartcall::RechargeOrder;
use recharge::{Invalid, Msisdn};

use crate::exit::Failure;
use crate::references::References;

/// A row of four fields needs less than 100 bytes.
const LINE_BYTES_MAX: u64 = 4096;

/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

const NAMES: [&str; 4] = ["msisdn", "product", "amount", "reference"];

/// A row that cannot be sold. Nothing was sent for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadRow {
    pub(crate) line: u64,
    /// The field and the rule that it breaks.
    pub(crate) problem: String,
}

/// Where each of [`NAMES`] stands in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Columns {
    places: [Option<usize>; 4],
    width: (usize, usize),
}

const POSITIONAL: Columns = Columns {
    places: [Some(0), Some(1), Some(2), Some(3)],
    width: (3, 4),
};

/// Reads the orders of a file, one after the other.
pub(crate) struct Rows<R = BufReader<File>> {
    input: R,
    references: References,
    columns: Columns,
    /// The first line, if it turned out to be no header.
    first_row: Option<Vec<u8>>,
    line: u64,
    position: u64,
}

impl Rows {
    /// Opens a file.
    pub(crate) fn open(path: &Path, account: Msisdn) -> Result<Self, Failure> {
        let problem = |problem: &dyn std::fmt::Display| {
            Failure::usage(format!("{}: {problem}", path.display()))
        };
        // A pipe has another name each time, and its rows would be other sales.
        if !path.is_file() {
            return Err(problem(
                &"must be a regular file, because its name is part of the references",
            ));
        }
        let name = path
            .file_name()
            .ok_or_else(|| problem(&"is not the name of a file"))?;
        let file = File::open(path).map_err(|error| problem(&error))?;
        let references = References::new(account, name.as_encoded_bytes());
        Self::new(BufReader::new(file), references).map_err(|error| problem(&error))
    }
}

impl<R: BufRead> Rows<R> {
    fn new(input: R, references: References) -> Result<Self, String> {
        let mut rows = Self {
            input,
            references,
            columns: POSITIONAL,
            first_row: None,
            line: 0,
            position: 0,
        };
        rows.skip_header()?;
        Ok(rows)
    }

    /// How many bytes were read.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The next order; the outer error is the file's.
    pub(crate) fn next(&mut self) -> io::Result<Option<Result<RechargeOrder, BadRow>>> {
        loop {
            let line = match self.first_row.take() {
                Some(line) => line,
                None => match self.read_line()? {
                    Some(line) => line,
                    None => return Ok(None),
                },
            };
            let order = fields(&line).and_then(|fields| {
                if is_blank(&fields) {
                    Ok(None)
                } else {
                    self.order(&fields).map(Some)
                }
            });
            match order {
                Ok(None) => {}
                Ok(Some(order)) => return Ok(Some(Ok(order))),
                Err(problem) => {
                    return Ok(Some(Err(BadRow {
                        line: self.line,
                        problem,
                    })));
                }
            }
        }
    }

    fn order(&mut self, fields: &[String]) -> Result<RechargeOrder, String> {
        let (least, most) = self.columns.width;
        if !(least..=most).contains(&fields.len()) {
            let header = self.columns != POSITIONAL;
            let wanted = if header {
                format!("{most}, as the first line")
            } else {
                "3 or 4: msisdn,product,amount[,reference]".to_owned()
            };
            return Err(format!(
                "row has {} fields and must have {wanted}",
                fields.len()
            ));
        }
        let field = |name: usize| {
            self.columns.places[name]
                .and_then(|place| fields.get(place))
                .map_or("", String::as_str)
        };
        let told = |invalid: Invalid| invalid.to_string();
        let msisdn = field(0).parse().map_err(told)?;
        let product = field(1).parse().map_err(told)?;
        let amount = field(2).parse().map_err(told)?;
        let reference = match field(3) {
            "" => self.references.next(msisdn, product, amount),
            own => own.parse().map_err(told)?,
        };
        Ok(RechargeOrder::new(msisdn, product, amount).with_reference(reference))
    }

    /// Takes the first line that is not blank as the header, if it names a column; else keeps it as a row.
    fn skip_header(&mut self) -> Result<(), String> {
        while let Some(line) = self.read_line().map_err(|error| error.to_string())? {
            let names = fields(&line).unwrap_or_default();
            if !names.is_empty() && is_blank(&names) {
                continue;
            }
            match header(&names)? {
                Some(columns) => self.columns = columns,
                None => self.first_row = Some(line),
            }
            return Ok(());
        }
        Ok(())
    }

    /// One line without its end. What is beyond the longest line is passed over.
    fn read_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut read = self
            .input
            .by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        if self.line == 1 && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        let cut = read as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n");
        if cut {
            read += self.input.skip_until(b'\n')?;
            line.resize(LINE_BYTES_MAX as usize + 1, b' ');
        }
        self.position += read as u64;
        Ok(Some(line))
    }
}

fn fields(line: &[u8]) -> Result<Vec<String>, String> {
    if line.len() as u64 > LINE_BYTES_MAX {
        return Err(format!("row must be at most {LINE_BYTES_MAX} bytes long"));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .buffer_capacity(line.len().max(1))
        .from_reader(line);
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => Ok(record.iter().map(str::to_owned).collect()),
        // Nothing but an end of line.
        Ok(false) => Ok(vec![String::new()]),
        Err(_) => Err("row must be text in UTF-8".to_owned()),
    }
}

fn is_blank(fields: &[String]) -> bool {
    fields.iter().all(String::is_empty)
}

/// The columns, if these fields are names. A name that is not known is refused: a misspelt `reference` would otherwise give every sale
/// another name.
fn header(fields: &[String]) -> Result<Option<Columns>, String> {
    let names: Vec<String> = fields
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect();
    if !names.iter().any(|name| NAMES.contains(&name.as_str())) {
        return Ok(None);
    }
    if let Some(unknown) = names.iter().find(|name| !NAMES.contains(&name.as_str())) {
        return Err(format!(
            "header names a column `{unknown}`; it may name msisdn, product, amount and reference"
        ));
    }
    let places = NAMES.map(|known| names.iter().position(|name| name == known));
    let twice = names.len() != places.iter().flatten().count();
    if twice || places[..3].contains(&None) {
        return Err(
            "header must name msisdn, product and amount once each, and may name reference"
                .to_owned(),
        );
    }
    Ok(Some(Columns {
        places,
        width: (names.len(), names.len()),
    }))
}
