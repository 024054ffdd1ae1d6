//! The columns of a bulk file, and the fields of one line.

/// A row of four fields needs less than 100 bytes.
pub(super) const LINE_BYTES_MAX: u64 = 4096;

/// A number of nine digits, two fields of one, and what is between them.
pub(super) const ROW_BYTES_MIN: u64 = 13;

const NAMES: [&str; 4] = ["msisdn", "product", "amount", "reference"];

/// Where each of [`NAMES`] stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) places: [Option<usize>; 4],
    pub(super) width: (usize, usize),
}

pub(super) const POSITIONAL: Columns = Columns {
    places: [Some(0), Some(1), Some(2), Some(3)],
    width: (3, 4),
};

pub(super) fn fields(line: &[u8]) -> Result<Vec<String>, String> {
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
        Ok(true) => {
            let rest = line.get(reader.position().byte() as usize..);
            // A carriage return by itself ends a record too, and the rows after it would be lost.
            if rest.is_some_and(|rest| rest.iter().any(|byte| !b"\r\n".contains(byte))) {
                return Err("row must end with a line feed, not with a carriage return".to_owned());
            }
            Ok(record.iter().map(str::to_owned).collect())
        }
        // Nothing but an end of line.
        Ok(false) => Ok(vec![String::new()]),
        Err(_) => Err("row must be text in UTF-8".to_owned()),
    }
}

pub(super) fn is_blank(fields: &[String]) -> bool {
    fields.iter().all(String::is_empty)
}

/// The columns, if these fields are names. A name that is not known is refused: a misspelt `reference` would otherwise give every sale
/// another name.
pub(super) fn header(fields: &[String]) -> Result<Option<Columns>, String> {
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
