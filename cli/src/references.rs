//! **The rule: the same file name with the same row means the same sale.**
//!
//! The reference of a row is made of what the row says, so that a file that is run again after a crash
//! finds its sales in the journal, and at the service, and sells nothing twice. It is not made of the
//! number of the line, nor of the other rows: removing a bad row changes no other sale.
//!
//! Identical rows of one file are told apart by counting them: the second "0821234567, 62, 10" is
//! another sale than the first. To sell the same list again, the file is renamed or gets references.

use std::io;

use recharge::{Msisdn, ProductId, Rand, Reference};
use sha2::{Digest, Sha256};

use crate::counts::Counts;

/// Keeps these references apart from every other use of the hash. A change of the recipe needs another one.
const DOMAIN: &str = "recharge bulk row 1";

/// Makes the references of one file.
pub(crate) struct References {
    prefix: Sha256,
    /// How often each row was seen, by half of its hash.
    seen: Counts,
}

impl References {
    /// For a file by its name, without the folders that lead to it.
    pub(crate) fn new(account: Msisdn, file_name: &[u8], seen: Counts) -> Self {
        let mut prefix = Sha256::new();
        for part in [DOMAIN.as_bytes(), account.to_string().as_bytes(), file_name] {
            add(&mut prefix, part);
        }
        Self { prefix, seen }
    }

    /// The reference of the next row that says this.
    pub(crate) fn next(
        &mut self,
        msisdn: Msisdn,
        product: ProductId,
        amount: Rand,
    ) -> io::Result<Reference> {
        let mut hash = self.prefix.clone();
        for part in [
            msisdn.to_string(),
            product.to_string(),
            amount.decimal().normalize().to_string(),
        ] {
            add(&mut hash, part.as_bytes());
        }
        let count = self.seen.count(bits(hash.clone()))?;
        add(&mut hash, count.to_string().as_bytes());
        Ok(Reference::from_random_bits(bits(hash)))
    }
}

/// Each part goes in with its length, so that no two lists of parts look alike.
fn add(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_be_bytes());
    hash.update(part);
}

fn bits(hash: Sha256) -> u128 {
    let digest: [u8; 32] = hash.finalize().into();
    digest
        .iter()
        .take(16)
        .fold(0, |bits, byte| bits << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(account: &str, file: &str, rows: &[(&str, &str, &str)]) -> Vec<String> {
        let account = account.parse().expect("account");
        let mut references = References::new(account, file.as_bytes(), Counts::of_few());
        let reference = |(msisdn, product, amount): &(&str, &str, &str)| {
            let (msisdn, product, amount) = (
                msisdn.parse().expect("msisdn"),
                product.parse().expect("product"),
                amount.parse().expect("amount"),
            );
            let reference = references.next(msisdn, product, amount);
            reference.expect("a reference").to_string()
        };
        rows.iter().map(reference).collect()
    }

    const ROW: (&str, &str, &str) = ("0821234567", "62", "10");

    #[test]
    fn the_recipe_never_changes_because_a_file_that_is_run_again_must_find_its_sales() {
        // SHA-256 over each part after its length (8 bytes, big-endian); the first 16 bytes as a UUID of version 4.
        let made = references("27810000001", "june.csv", &[ROW, ROW]);
        assert_eq!(
            made,
            [
                "1594c784-3665-4249-9dfe-f42fa146db09",
                "689071ab-d65b-47c2-b20b-4330090dd25c"
            ]
        );
    }

    #[test]
    fn the_way_in_which_a_row_is_written_does_not_matter() {
        let other = ("27821234567", "62", "10.00");
        assert_eq!(
            references("27810000001", "a", &[ROW]),
            references("0810000001", "a", &[other])
        );
    }

    #[test]
    fn every_part_matters() {
        let rows = [
            ROW,
            ("0821234568", "62", "10"),
            ("0821234567", "63", "10"),
            ("0821234567", "62", "10.50"),
            ROW,
        ];
        let mut all = references("27810000001", "a.csv", &rows);
        all.extend(references("27810000002", "a.csv", &rows));
        all.extend(references("27810000001", "b.csv", &rows));
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn a_long_file_gives_the_same_references_as_a_short_one() {
        let row = |number: usize| -> (Msisdn, ProductId, Rand) {
            let msisdn = format!("08212345{:02}", number * number % 31);
            let parsed = "a part of a row";
            (
                msisdn.parse().expect(parsed),
                "62".parse().expect(parsed),
                "10".parse().expect(parsed),
            )
        };
        let many = Counts::new(&std::env::temp_dir(), 1_000_000).expect("a file");
        let made = [Counts::of_few(), many].map(|counts| {
            let account = "27810000001".parse().expect("account");
            let mut references = References::new(account, b"june.csv", counts);
            let next = |(msisdn, product, amount)| references.next(msisdn, product, amount);
            let made = (0..200).map(row).map(next);
            made.collect::<Result<Vec<_>, _>>().expect("references")
        });
        assert_eq!(made[0], made[1]);
        let different: std::collections::HashSet<_> = made[0].iter().collect();
        assert_eq!(different.len(), 200);
    }

    #[test]
    fn the_other_rows_do_not_matter() {
        let other = ("0831111111", "63", "5");
        let with = references("27810000001", "a", &[other, ROW, other, ROW]);
        assert_eq!(
            references("27810000001", "a", &[ROW, ROW]),
            [with[1].clone(), with[3].clone()]
        );
    }
}
