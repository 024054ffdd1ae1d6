//! **The rule: a count is exact however many there are, and beyond a few it takes no memory.**
//!
//! Many counts lie in a file that has no name and is gone with the process. Nothing is lost with it: whoever counts the same things again
//! from the beginning comes to the same counts.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// As many keys are counted in memory: less than a megabyte.
const FEW: u64 = 10_000;

/// How often each key was counted. Keys must be spread evenly, as hashes are.
pub(crate) enum Counts {
    Few(HashMap<u128, u32>),
    Many(Table),
}

impl Counts {
    /// For few keys.
    pub(crate) fn of_few() -> Self {
        Self::Few(HashMap::new())
    }

    /// For up to `keys_max` different keys; if those are many, in a folder.
    pub(crate) fn new(folder: &Path, keys_max: u64) -> io::Result<Self> {
        if keys_max <= FEW {
            return Ok(Self::of_few());
        }
        Table::new(folder, keys_max).map(Self::Many)
    }

    /// Counts a key, and says how often it was counted before.
    pub(crate) fn count(&mut self, key: u128) -> io::Result<u32> {
        match self {
            Self::Few(counts) => {
                let count = counts.entry(key).or_default();
                let before = *count;
                *count = before.checked_add(1).ok_or_else(full)?;
                Ok(before)
            }
            Self::Many(table) => table.count(key),
        }
    }
}

/// A key and its count, which is 0 where no key is.
const SLOT: usize = 16 + 4;
/// What is read at once: the slots that a key may lie in, before it goes to those of the next bucket.
const BUCKET: usize = 8 * SLOT;

/// A hash table in a file.
pub(crate) struct Table {
    file: File,
    buckets: u64,
}

impl Table {
    /// Takes no room on the disk but for what is counted.
    fn new(folder: &Path, keys_max: u64) -> io::Result<Self> {
        // Half of the slots stay free, so that a key is found in the first bucket or close by.
        let buckets = keys_max / 4 + 1;
        let file = tempfile::tempfile_in(folder)?;
        file.set_len(buckets * BUCKET as u64)?;
        Ok(Self { file, buckets })
    }

    fn count(&mut self, key: u128) -> io::Result<u32> {
        let wanted = key.to_be_bytes();
        let first = (key % u128::from(self.buckets)) as u64;
        for bucket in (first..self.buckets).chain(0..first) {
            let at = bucket * BUCKET as u64;
            let mut slots = [0; BUCKET];
            self.file.seek(SeekFrom::Start(at))?;
            self.file.read_exact(&mut slots)?;
            for (place, slot) in slots.chunks_exact(SLOT).enumerate() {
                let (found, count) = slot.split_at(wanted.len());
                let count = count
                    .iter()
                    .fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
                if count > 0 && found != wanted {
                    continue;
                }
                let more = count.checked_add(1).ok_or_else(full)?;
                let counted = [wanted.as_slice(), &more.to_be_bytes()].concat();
                self.file
                    .seek(SeekFrom::Start(at + (place * SLOT) as u64))?;
                self.file.write_all(&counted)?;
                return Ok(count);
            }
        }
        Err(full())
    }
}

/// Never for a file that stays as it was when it was opened.
fn full() -> io::Error {
    io::Error::other("it has grown since it was opened")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(keys_max: u64) -> Table {
        Table::new(&std::env::temp_dir(), keys_max).expect("a file")
    }

    /// Spreads a number over the bits of a key.
    fn key(number: u64) -> u128 {
        u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
    }

    #[test]
    fn every_key_is_counted_for_itself_in_memory_as_in_a_file() {
        let (mut few, mut many) = (Counts::of_few(), Counts::Many(table(487)));
        let mut expected = HashMap::<u64, u32>::new();
        for number in 0..2_000 {
            let number = number * number % 487;
            let before = expected.entry(number).or_default();
            for counts in [&mut few, &mut many] {
                assert_eq!(counts.count(key(number)).expect("a count"), *before);
            }
            *before += 1;
        }
    }

    #[test]
    fn keys_that_fall_into_one_bucket_go_on_to_the_next_and_from_the_last_to_the_first() {
        let mut table = table(12);
        let buckets = u128::from(table.buckets);
        let keys: Vec<u128> = (1..=20).map(|n| n * buckets + buckets - 1).collect();
        for before in 0..3 {
            for key in &keys {
                assert_eq!(table.count(*key).expect("a count"), before);
            }
        }
    }

    #[test]
    fn more_keys_than_there_is_room_for_are_refused_and_none_is_taken_for_another() {
        let mut table = table(0);
        let counted: Vec<bool> = (1..=10)
            .map(|number| table.count(key(number)).is_ok())
            .collect();
        assert_eq!(counted, [[true; 8].as_slice(), &[false; 2]].concat());
        assert_eq!(table.count(key(8)).expect("a count"), 1);
        let refused = table.count(key(9)).map_err(|error| error.to_string());
        assert_eq!(refused, Err("it has grown since it was opened".to_owned()));
    }

    #[test]
    fn only_many_keys_need_a_file() {
        let nowhere = Path::new("/nowhere/at/all");
        assert!(matches!(Counts::new(nowhere, FEW), Ok(Counts::Few(_))));
        assert!(Counts::new(nowhere, FEW + 1).is_err());
        let somewhere = Counts::new(&std::env::temp_dir(), FEW + 1);
        assert!(matches!(somewhere, Ok(Counts::Many(_))));
    }
}
