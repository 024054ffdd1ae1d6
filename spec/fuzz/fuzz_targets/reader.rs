//! Whatever the bytes are: they are read or refused, and what is read can be converted, made ready for the generator,
//! and compared with itself.
//!
//! `cd spec && cargo +nightly fuzz run reader -- -max_total_time=60`, with documents in `fuzz/corpus/reader` to begin with.
#![no_main]

use libfuzzer_sys::fuzz_target;
use recharge_spec::diff::diff;
use recharge_spec::{Overlay, evidence, normalise, read};

fuzz_target!(|bytes: &[u8]| {
    drop(Overlay::read(bytes));
    let Ok(document) = read(bytes) else { return };
    let Ok(openapi) = document.into_openapi() else { return };
    drop(evidence::parts(&openapi));
    drop(normalise::normalise(&openapi));
    assert!(diff(&openapi, &openapi).is_empty());
});
