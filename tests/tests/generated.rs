//! What is checked in is what the specifications say.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use recharge_bindings::source;

fn checked_in(service: &str) -> String {
    let path = format!("{}/../generated/{service}.rs", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[track_caller]
fn assert_up_to_date(service: &str, generated: &str) {
    let checked_in = checked_in(service);
    let same = checked_in
        .lines()
        .zip(generated.lines())
        .take_while(|(old, new)| old == new)
        .count();
    assert!(
        checked_in == generated,
        "generated/{service}.rs is not what the specification gives, from line {} on; run `cargo xtask generate`",
        same + 1,
    );
}

#[test]
#[allow(clippy::assertions_on_constants)] // It is one or the other, depending on the build.
fn a_build_of_the_workspace_really_generates() {
    assert!(
        source::GENERATED,
        "the feature `regenerate` is off, so this compares files with themselves"
    );
}

#[test]
fn the_smartcall_bindings_that_are_checked_in_are_those_of_the_specification() {
    assert_up_to_date("smartcall", source::SMARTCALL);
}

#[test]
fn the_hot_bindings_that_are_checked_in_are_those_of_the_specification() {
    assert_up_to_date("hot", source::HOT);
}

#[test]
fn the_smartcall_mocks_that_are_checked_in_are_those_of_the_specification() {
    assert_up_to_date("smartcall_mock", source::SMARTCALL_MOCK);
}

#[test]
fn the_hot_mocks_that_are_checked_in_are_those_of_the_specification() {
    assert_up_to_date("hot_mock", source::HOT_MOCK);
}
