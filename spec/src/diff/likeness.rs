//! Two names are alike when few letters are between them; capitals and separators count for nothing.

use std::collections::BTreeSet;

/// From here on, one name is taken for the other under which it was known.
pub(super) const ALIKE: f64 = 0.55;

/// By how much two are less alike when one must be there and the other need not.
pub(super) const UNLIKE_IN_NEED: f64 = 0.9;

/// Longer names are compared by their beginnings, so that no document makes this slow.
const CHARS_MAX: usize = 64;

/// The most comparisons that are made at once.
const COMPARED_MAX: usize = 40_000;

/// How alike two names are, from 0 to 1.
pub fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (plain(a), plain(b));
    let longest = a.len().max(b.len());
    if longest == 0 {
        return 0.0;
    }
    let near = 1.0 - distance(&a, &b) as f64 / longest as f64;
    // `reference` and `smartloadReference`: one name said more closely.
    let (short, long) = if a.len() < b.len() {
        (&a, &b)
    } else {
        (&b, &a)
    };
    let within = short.len() >= 4 && long.windows(short.len()).any(|part| part == short);
    if within { near.max(0.8) } else { near }
}

/// How many of the names that either has are in both, from 0 to 1; nothing is like nothing by half.
pub(super) fn shared(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    match a.union(b).count() {
        0 => 0.5,
        all => a.intersection(b).count() as f64 / all as f64,
    }
}

/// Pairs what went with what came: the most alike first, each at most once.
pub(super) fn pairs<T>(
    old: &[T],
    new: &[T],
    likeness: impl Fn(&T, &T) -> f64,
) -> Vec<(usize, usize)> {
    let mut scores: Vec<(f64, usize, usize)> = Vec::new();
    // So many are another document, in which likeness would mean nothing.
    if old.len().saturating_mul(new.len()) > COMPARED_MAX {
        return Vec::new();
    }
    for (i, a) in old.iter().enumerate() {
        for (j, b) in new.iter().enumerate() {
            let score = likeness(a, b);
            if score >= ALIKE {
                scores.push((score, i, j));
            }
        }
    }
    scores.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut taken_old, mut taken_new) = (BTreeSet::new(), BTreeSet::new());
    let mut pairs = Vec::new();
    for (_, i, j) in scores {
        if !taken_old.contains(&i) && !taken_new.contains(&j) {
            taken_old.insert(i);
            taken_new.insert(j);
            pairs.push((i, j));
        }
    }
    pairs.sort_unstable();
    pairs
}

fn plain(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters
        .flat_map(char::to_lowercase)
        .take(CHARS_MAX)
        .collect()
}

/// The edit distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let here = (corner + usize::from(x != y))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], here);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_counts_for_nothing() {
        assert_eq!(likeness("PinData", "pin_data"), 1.0);
    }

    #[test]
    fn a_name_said_more_closely_is_alike() {
        assert!(likeness("reference", "smartloadReference") >= ALIKE);
        assert!(likeness("statusMsg", "statusMessage") >= ALIKE);
    }

    #[test]
    fn other_words_are_not_alike() {
        assert!(likeness("balance", "voucherPin") < ALIKE);
        assert!(likeness("", "") < ALIKE);
    }

    #[test]
    fn the_most_alike_go_together() {
        let (old, new) = (["code", "status"], ["statusCode", "states"]);
        let pairs = pairs(&old, &new, |a, b| likeness(a, b));
        assert_eq!(pairs, [(0, 0), (1, 1)]);
    }
}
