//! When two numbers are one.

use super::*;

#[test]
fn numbers_are_the_same_with_263_and_with_0_and_nothing_else_is() {
    for (one, other) in [
        ("0772123456", "263772123456"),
        ("263772123456", "0772123456"),
        ("37123456789", "37123456789"),
        ("", "0772123456"),
    ] {
        assert!(same_number(one, other), "{one} {other}");
    }
    for (one, other) in [
        ("0772123456", "0772123457"),
        ("263772123456", "772123456"),
        ("37123456789", "37123456780"),
        ("037123456789", "37123456789"),
    ] {
        assert!(!same_number(one, other), "{one} {other}");
    }
}

#[test]
fn what_stands_between_the_digits_says_nothing() {
    assert_eq!(digits("+263 77-212 3456"), "263772123456");
}
