//! Bodies are read where they lie, member by member. Here every type of both services is read by the long way too, and
//! what both make of a document is the same, whatever the document.
//!
//! The hand-written part of the bindings is compiled here once more, so that [`object`] can give each generated type its
//! second reading.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    missing_docs
)]

#[allow(dead_code)]
#[path = "../../generated/body.rs"]
mod body;
#[path = "../../generated/codec.rs"]
mod codec;
#[allow(dead_code)]
#[path = "../../generated/field.rs"]
mod field;
#[allow(dead_code)]
#[path = "../../generated/json.rs"]
mod json;
#[allow(dead_code)]
#[path = "../../generated/operation.rs"]
mod operation;
#[allow(dead_code)]
#[path = "../../generated/path.rs"]
mod path;
#[allow(dead_code, unused_imports)]
#[path = "../../generated/object.rs"]
mod real;
#[allow(dead_code)]
#[path = "../../generated/wire.rs"]
mod wire;

#[path = "reading/documents.rs"]
mod documents;
#[path = "reading/object.rs"]
mod object;
#[path = "reading/slow.rs"]
mod slow;

use std::fmt::Debug;
use std::sync::LazyLock;

use body::Body;
use documents::{Kinds, Tape};
use field::Field;
#[allow(unused_imports)] // For documents with maps of anything.
use json::Extra;
use json::Json;
use operation::Operation;
use proptest::prelude::*;
use recharge_bindings::source;
use serde::Serialize;
use serde::de::DeserializeOwned;
use slow::{Slow, Slowly};
use wire::Wire;

#[allow(dead_code, unused_imports, clippy::all)]
mod smartcall {
    include!("../../generated/smartcall.rs");
}

#[allow(dead_code, unused_imports, clippy::all)]
mod hot {
    include!("../../generated/hot.rs");
}

/// What came of reading a document: what is written again, or why it was refused.
type Outcome = Result<String, String>;

/// Reads a document in all ways, and finds that they agree.
fn there_and_back<T>(bytes: &[u8]) -> Outcome
where
    T: Body + Slow + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let slow = serde_json::from_slice::<Slowly<T>>(bytes).map(|Slowly(value)| value);
    for other in [body::read::<T>(bytes), serde_json::from_slice::<T>(bytes)] {
        let text = String::from_utf8_lossy(bytes);
        match (&other, &slow) {
            (Ok(other), Ok(slow)) => assert!(other == slow, "{other:?}, not {slow:?}: {text}"),
            // Both refuse it, in words that may differ.
            (Err(_), Err(_)) => {}
            _ => panic!("{other:?}, not {slow:?}: {text}"),
        }
    }
    match slow {
        Ok(value) => Ok(serde_json::to_string(&value).unwrap()),
        Err(error) => Err(error.to_string()),
    }
}

fn smartcall_reading(name: &str, json: &[u8]) -> Option<Outcome> {
    use smartcall::types;
    include!(concat!(env!("OUT_DIR"), "/smartcall_types.rs"))
}

fn hot_reading(name: &str, json: &[u8]) -> Option<Outcome> {
    use hot::types;
    include!(concat!(env!("OUT_DIR"), "/hot_types.rs"))
}

type Reading = fn(&str, &[u8]) -> Option<Outcome>;

static SERVICES: LazyLock<[(Kinds, Reading); 2]> = LazyLock::new(|| {
    [
        (Kinds::of(source::SMARTCALL), smartcall_reading),
        (Kinds::of(source::HOT), hot_reading),
    ]
});

/// A document for some type of some service.
fn read(choices: &[u16], spoil: impl Fn(&mut Tape<'_>, &mut Vec<u8>)) -> Outcome {
    let mut tape = Tape::new(choices);
    let (kinds, reading) = &SERVICES[tape.below(2)];
    let (name, text) = kinds.document(&mut tape);
    let mut bytes = text.into_bytes();
    spoil(&mut tape, &mut bytes);
    reading(&name, &bytes).unwrap_or_else(|| panic!("there is no type {name}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_short_way_reads_what_the_long_way_reads(choices in prop::collection::vec(any::<u16>(), 0..160)) {
        let _ = read(&choices, |_, _| ());
    }

    #[test]
    fn what_is_broken_is_broken_either_way(choices in prop::collection::vec(any::<u16>(), 10..160)) {
        let _ = read(&choices, |tape, bytes| {
            for _ in 0..tape.below(3) {
                let place = tape.below(bytes.len().max(1));
                let odd = *tape.pick(b"\0\x1f \"\\,:[]{}0-.eE9nt\x80\xc3\xff");
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = odd;
                }
            }
            if tape.below(3) == 0 {
                bytes.truncate(tape.below(bytes.len() + 1));
            }
        });
    }
}

#[test]
fn every_type_of_both_services_is_read_both_ways() {
    for (kinds, reading) in &*SERVICES {
        let mut objects = 0;
        for name in kinds.names() {
            for (kind, text) in kinds.examples(name) {
                let outcome = reading(&kind, text.as_bytes()).unwrap();
                objects += usize::from(text.starts_with('{'));
                let refused = outcome.as_ref().err();
                assert!(
                    refused.is_none() || !kinds.is_answer(name),
                    "{kind}: {refused:?}\n{text}"
                );
            }
        }
        assert!(objects > 50, "{objects}");
    }
}

#[test]
fn what_was_always_odd_is_read_both_ways() {
    let names = |count: usize| (0..count).map(|n| format!("\"statusMessage\":{n}"));
    let many = names(5).collect::<Vec<_>>().join(",");
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for text in [
        format!("{{{many}}}"),
        format!("{{\"error\":{}}}", deep(100)),
        format!(
            "{{\"error\":{},\"nobody\":{}}}",
            deep(10_000),
            deep(100_000)
        ),
        deep(10_000),
        "\u{feff}{}".into(),
        "{} {}".into(),
        " \n{ \"status\\u0043ode\" :\t0 ,\"statusCode\": 0 }\r\n".into(),
        "{\"statusCode\":0,\"statusCode\":0.0,\"statusCode\":[0,0.0]}".into(),
        "{\"nobody\":1,\"nobody\":2,\"nobody\":2}".into(),
        "{\"recharge\":{\"retailPrice\":\"450\\u002e00\",\"voucherPin\":\"\\ud83d\\ude00\"}}"
            .into(),
        "{\"recharge\":{\"retailPrice\":\"-0\",\"balance\":-0,\"orderReferenceId\":-0}}".into(),
        "{\"recharge\":{\"voucherPin\":\"\\ud800\",\"nobody\":\"\\ud800\"}}".into(),
    ] {
        for name in [
            "SyncRechargeResponse",
            "Vec<SyncRechargeResponse>",
            "Recharge",
            "String",
        ] {
            let _ = smartcall_reading(name, text.as_bytes()).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_amount_is_written_as_it_is_printed(
        lo in any::<u32>(), mid in any::<u32>(), hi in any::<u32>(), negative in any::<bool>(), scale in 0_u32..29,
        small in any::<bool>(),
    ) {
        let (mid, hi) = if small { (0, 0) } else { (mid, hi) };
        let amount = rust_decimal::Decimal::from_parts(lo, mid, hi, negative, scale);
        let request = smartcall::types::BalanceResponse { balance: amount.into(), ..Default::default() };
        prop_assert_eq!(serde_json::to_string(&request).unwrap(), format!("{{\"balance\":{amount}}}"));
        let text = smartcall::types::Recharge { retail_price: amount.into(), ..Default::default() };
        prop_assert_eq!(serde_json::to_string(&text).unwrap(), format!("{{\"retailPrice\":\"{amount}\"}}"));
    }
}
