//! `cargo bench -p recharge-benches`: what a safe recharge costs over a bare one, side by side, in one run; with the name of a part, that part.
//! What takes longer than the rest together is measured only when it is named: `consumers`.
//! What was found, and how to read it, is in `docs/performance.md`.
//!
//! Each figure is taken by a process of its own (this program again, told what to do), so that none disturbs another's: the service runs in
//! one, the caller in another.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    missing_docs
)]

mod bulk;
mod calls;
mod canned;
mod catalogue;
mod child;
mod consumers;
mod failover;
mod gate;
mod kind;
mod recovery;
mod throughput;
mod tokens;

use std::io::Write;

/// The name of a part, and what measures it and prints its table.
type Part = (&'static str, fn() -> String);

/// In the order in which they are printed.
const PARTS: [Part; 7] = [
    ("calls", calls::table),
    ("throughput", throughput::table),
    ("bulk", bulk::table),
    ("recovery", recovery::table),
    ("tokens", tokens::table),
    ("failover", failover::table),
    ("catalogue", catalogue::table),
];

/// Measured when it is named, and not otherwise.
const ON_REQUEST: [Part; 1] = [("consumers", consumers::table)];

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // As the facade does, for the clients that are built by hand.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if child::work(&words) {
        return;
    }
    let begun = std::time::Instant::now();
    let usual = PARTS.map(|part| (part, words.is_empty()));
    let on_request = ON_REQUEST.map(|part| (part, false));
    for ((name, part), unasked) in usual.into_iter().chain(on_request) {
        if unasked || words.contains(&name) {
            writeln!(std::io::stdout(), "{}", part()).expect("standard output");
        }
    }
    eprintln!("measured in {} s", begun.elapsed().as_secs());
}
