//! The rows of a bulk file.
//!
//! **The rule: a row is one line, and a bad one is told by its line, its field and its rule, and spoils no
//! other.** The file is read line by line (fields hold no line breaks), so that a quote that is not closed
//! cannot swallow the rows after it, and no more than one line is held.

mod columns;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use recharge::smartcall::RechargeOrder;
use recharge::{Invalid, Msisdn, ProductId, Rand, Reference};

use self::columns::{Columns, LINE_BYTES_MAX, POSITIONAL, ROW_BYTES_MIN, fields, header, is_blank};
use crate::counts::Counts;
use crate::exit::Failure;
use crate::references::References;

/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A row that cannot be sold. Nothing was sent for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadRow {
    pub(crate) line: u64,
    /// The field and the rule that it breaks.
    pub(crate) problem: String,
}

/// What a good row says.
struct Said {
    msisdn: Msisdn,
    product: ProductId,
    amount: Rand,
    reference: Option<Reference>,
}

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
    /// Opens a file. What is remembered of a long one while it is read lies in `folder`; without one it is kept in memory.
    pub(crate) fn open(
        path: &Path,
        account: Msisdn,
        folder: Option<&Path>,
    ) -> Result<Self, Failure> {
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
        let length = file.metadata().map_err(|error| problem(&error))?.len();
        let counts = match folder {
            Some(folder) => Counts::new(folder, length / ROW_BYTES_MIN + 1)
                .map_err(|error| Failure::other(format!("{}: {error}", folder.display())))?,
            None => Counts::of_few(),
        };
        let references = References::new(account, name.as_encoded_bytes(), counts);
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
            let said = match fields(&line) {
                Ok(fields) if is_blank(&fields) => continue,
                Ok(fields) => self.said(&fields),
                Err(problem) => Err(problem),
            };
            return Ok(Some(match said {
                Ok(said) => Ok(self.order(said)?),
                Err(problem) => Err(BadRow {
                    line: self.line,
                    problem,
                }),
            }));
        }
    }

    fn said(&self, fields: &[String]) -> Result<Said, String> {
        let (least, most) = self.columns.width;
        if !(least..=most).contains(&fields.len()) {
            let wanted = match self.columns {
                POSITIONAL => "3 or 4 fields, msisdn,product,amount[,reference]".to_owned(),
                _ => format!("{most} fields, as the header"),
            };
            return Err(format!("row must have {wanted}; it has {}", fields.len()));
        }
        let field = |name: usize| {
            self.columns.places[name]
                .and_then(|place| fields.get(place))
                .map_or("", String::as_str)
        };
        let told = |invalid: Invalid| invalid.to_string();
        Ok(Said {
            msisdn: field(0).parse().map_err(told)?,
            product: field(1).parse().map_err(told)?,
            amount: field(2).parse().map_err(told)?,
            reference: match field(3) {
                "" => None,
                own => Some(own.parse().map_err(told)?),
            },
        })
    }

    fn order(&mut self, said: Said) -> io::Result<RechargeOrder> {
        let (msisdn, product, amount) = (said.msisdn, said.product, said.amount);
        let reference = match said.reference {
            Some(own) => own,
            None => self.references.next(msisdn, product, amount)?,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn references() -> References {
        let account = "27810000001".parse().expect("an account");
        References::new(account, b"file", Counts::of_few())
    }

    /// Each row as `msisdn product amount`, or the line and the problem of a bad one.
    fn read(text: impl AsRef<[u8]>) -> Result<Vec<String>, String> {
        let mut rows = Rows::new(text.as_ref(), references())?;
        let told = std::iter::from_fn(|| rows.next().expect("a slice can be read"));
        Ok(told
            .map(|row| match row {
                Ok(order) => format!("{} {} {}", order.msisdn(), order.product(), order.amount()),
                Err(bad) => format!("{}: {}", bad.line, bad.problem),
            })
            .collect())
    }

    const ROW: &str = "27821234567 62 10";

    #[test]
    fn rows_that_end_with_a_bare_carriage_return_are_not_lost() {
        let problem = "row must end with a line feed, not with a carriage return";
        let told = read("0821234567,62,10\r0821234568,62,10\r");
        assert_eq!(told, Ok(vec![format!("1: {problem}")]));
        let headed = read("msisdn,product,amount\r0821234567,62,10\r");
        let said = headed.map_or_else(|problem| problem, |told| told.concat());
        assert!(said.contains(problem), "{said}");
        assert_eq!(read("0821234567,62,10\r\n"), Ok(vec![ROW.to_owned()]));
        assert_eq!(read("0821234567,62,10\r"), Ok(vec![ROW.to_owned()]));
    }

    #[test]
    fn a_header_may_name_the_columns_in_any_order_or_be_left_out() {
        for text in [
            "0821234567,62,10",
            "0821234567,62,10,own",
            "msisdn,product,amount\n0821234567,62,10\n",
            "\u{feff}Amount , MSISDN,reference,product\r\n10,0821234567,,62\r\n",
            "\n \r\nproduct,msisdn,amount\n\n,,\n\"62\", 0821234567 ,10",
            "\u{feff}0821234567,62,10",
        ] {
            assert_eq!(read(text), Ok(vec![ROW.to_owned()]), "{text:?}");
        }
        assert_eq!(read(""), Ok(vec![]));
    }

    #[test]
    fn a_header_that_could_be_misunderstood_is_refused() {
        for (text, rule) in [
            ("msisdn,product,amount,refrence\n", "`refrence`"),
            ("msisdn,product\n", "once each"),
            ("msisdn,product,amount,amount\n", "once each"),
        ] {
            let refused = read(text).expect_err(text);
            assert!(
                refused.starts_with("header ") && refused.contains(rule),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_bad_row_is_told_by_line_field_and_rule_and_spoils_no_other() {
        let (longer, longest) = ("9".repeat(10_000), "9".repeat(LINE_BYTES_MAX as usize - 1));
        for (bad, told) in [
            ("12,62,10", "msisdn must"),
            ("0821234567,x,10", "product must"),
            ("0821234567,62,0", "amount must be above zero"),
            ("0821234567,62,1.005", "amount must be in whole cents"),
            ("0821234567,62,10,a b", "reference must"),
            ("0821234567,62", "row must have 3 or 4 fields"),
            ("0821234567;62;10", "row must have 3 or 4 fields"),
            ("0821234567,62,10,r,x", "row must have 3 or 4 fields"),
            ("\"0821234567,62,10", "row must have 3 or 4 fields"),
            (&longer, "row must be at most"),
            (&longest, "row must have 3 or 4 fields"),
        ] {
            let rows =
                read(format!("0821234567,62,10\n\n{bad}\n0821234567,62,10\n")).expect("rows");
            assert_eq!([&rows[0], &rows[2]], [ROW, ROW], "{bad}");
            assert!(
                rows.len() == 3 && rows[1].starts_with(&format!("3: {told}")),
                "{bad}: {}",
                rows[1]
            );
        }
        assert_eq!(
            read(b"\xff,62,10\n"),
            Ok(vec!["1: row must be text in UTF-8".to_owned()])
        );
    }

    #[test]
    fn a_reference_of_its_own_is_taken_and_does_not_count_as_a_like_row() {
        let read = |text: &str| {
            let mut rows = Rows::new(text.as_bytes(), references()).expect("rows");
            let orders = std::iter::from_fn(|| rows.next().expect("a slice can be read"));
            orders
                .map(|row| row.expect("a good row").reference().to_string())
                .collect::<Vec<_>>()
        };
        let with = read("0821234567,62,10,own-1\n0821234567,62,10\n");
        assert_eq!(
            with,
            ["own-1".to_owned(), read("0821234567,62,10\n")[0].clone()]
        );
    }
}
