//! What ZESA sells: tokens, units, levy, and who a meter belongs to. All of it follows from the meter and the row.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::rules::token_count;
use super::settings::SeveralTokens;
use super::sms::rounded;
use super::view::HotEntry;
use crate::faults::hash_of;
use crate::money::digits;

/// Meters that nobody has begin with this.
const NOBODY: &str = "99";

const NAMES: [&str; 4] = [
    "T MOYO\n12 FICTION ROAD, HARARE",
    "R NCUBE\n7 SAMPLE AVENUE, BULAWAYO",
    "C SIBANDA\n101 EXAMPLE CLOSE, GWERU",
    "P DUBE",
];

/// Name and address, on two lines for most.
pub(super) fn account_name(meter: &str) -> Option<&'static str> {
    let at = hash_of(&["customer", meter]) as usize % NAMES.len();
    (!meter.starts_with(NOBODY)).then(|| NAMES[at])
}

/// How many units a sale buys.
pub(super) fn units(row: &HotEntry) -> String {
    let price = match row.wallet {
        4 => Decimal::new(20, 2),
        _ => Decimal::from(5),
    };
    rounded(net(row) / price, 1).normalize().to_string()
}

/// The amount less the levy.
fn net(row: &HotEntry) -> Decimal {
    rounded(row.amount / Decimal::new(106, 2), 2)
}

/// `rechargeData` of a sale.
pub(super) fn data(row: &HotEntry, how: SeveralTokens) -> BTreeMap<String, String> {
    let mut data: BTreeMap<String, String> = [
        ("Network", "ZESA".to_owned()),
        ("Target", row.target.clone()),
        ("Cost", digits(row.charged, 4)),
        ("Units", units(row)),
        ("NetAmount", net(row).normalize().to_string()),
        ("TaxAmount", "0".to_owned()),
        ("Levy", (row.amount - net(row)).normalize().to_string()),
        ("Arrears", "0".to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    let tokens: Vec<String> = (1..=token_count(row.amount))
        .map(|nth| token(row, nth))
        .collect();
    match how {
        SeveralTokens::OneText => {
            data.insert("Token".to_owned(), tokens.join(","));
        }
        SeveralTokens::Members => {
            let name = |at: usize| {
                if at == 0 {
                    "Token".to_owned()
                } else {
                    format!("Token{}", at + 1)
                }
            };
            data.extend(
                tokens
                    .into_iter()
                    .enumerate()
                    .map(|(at, token)| (name(at), token)),
            );
        }
    }
    data
}

/// Twenty digits in groups of four.
fn token(row: &HotEntry, nth: usize) -> String {
    let group = |part: usize| {
        let parts = [
            row.target.as_str(),
            &row.recharge_id.to_string(),
            &nth.to_string(),
            &part.to_string(),
        ];
        format!("{:04}", hash_of(&parts) % 10_000)
    };
    (0..5).map(group).collect::<Vec<_>>().join(" ")
}
