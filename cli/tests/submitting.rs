//! Sales in two steps, and payments that no enquiry can find.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::time::Duration;

use support::{Rig, assert_keys, rows};

fn quick() -> Rig {
    Rig::with(|sandbox| sandbox.asynchronous_after(Duration::ZERO))
}

#[test]
fn a_submitted_recharge_is_told_when_it_is_done() {
    let rig = quick();
    let words = "submit --product 62 --msisdn 0821234567 --amount 20 --reference later";
    let ran = rig.run(words);
    assert_eq!(
        (ran.all("outcome"), ran.code),
        (vec!["succeeded".to_owned()], Some(0)),
        "{ran:?}"
    );
    assert!(ran.err.contains("the reference is later"), "{}", ran.err);
    assert_eq!(rig.run(words).all("outcome"), ["succeeded"]);
    assert_eq!(rig.ledger().sales_of("later"), 1);
}

#[test]
fn a_batch_sells_each_row_once() {
    let rig = quick();
    let file = rig.file("list.csv", &rows(7));
    let first = rig.run(&format!("batch {file}"));
    assert_eq!(
        (first.all("outcome"), first.code),
        (vec!["succeeded".to_owned(); 7], Some(0)),
        "{first:?}"
    );
    let again = rig.run(&format!("batch {file}"));
    assert_eq!(again.all("reference"), first.all("reference"));
    assert_eq!(rig.ledger().sales().count(), 7);
    // The same file in the other way is the same sales, told again.
    let bulk = rig.run(&format!("bulk {file}"));
    assert_eq!(bulk.all("outcome"), vec!["succeeded"; 7], "{bulk:?}");
    assert_eq!(rig.ledger().sales().count(), 7);
}

#[test]
fn a_batch_with_a_bad_row_is_refused_as_a_whole() {
    let rig = quick();
    for (text, told) in [
        ("0821234567,62,20\n12,62,20\nx\n", "line 2: msisdn must"),
        ("0821234567,62,20\nx\n", "line 2: row must have"),
        (
            "0821234567,62,20,a\n0821234568,62,20,a\n",
            "reference must differ",
        ),
        ("0821234567,23,20\n", "product must not be electricity"),
    ] {
        let file = rig.file("list.csv", text);
        let refused = rig.run(&format!("batch {file}"));
        assert_eq!(
            (refused.code, refused.out.as_str()),
            (Some(2), ""),
            "{text}: {refused:?}"
        );
        assert!(refused.err.contains(told), "{told}: {}", refused.err);
    }
    assert!(rig.ledger().attempts.is_empty());
}

#[test]
fn a_cancellation_says_what_is_seen() {
    let rig = Rig::with(|sandbox| {
        sandbox
            .queued_for(Duration::from_secs(3600))
            .cancellation_shown_after(Duration::ZERO)
    });
    let waiting = rig.hasty("submit --product 62 --msisdn 0821234567 --amount 20 --reference stop");
    assert_eq!(waiting.code, Some(4), "{waiting:?}");
    let cancelled = rig.run("cancel stop");
    assert_keys(
        &cancelled.objects()[0],
        &["cancellation", "code", "message", "reference"],
    );
    assert_eq!(
        (cancelled.all("cancellation"), cancelled.code),
        (vec!["cancelled".to_owned()], Some(0)),
        "{cancelled:?}"
    );
    let settled = rig.run("recover");
    assert_eq!(
        (settled.all("outcome"), settled.code),
        (vec!["cancelled".to_owned()], Some(3)),
        "{settled:?}"
    );
    let unknown = rig.run("cancel nobody-knows-it");
    assert_eq!(
        (
            unknown.all("cancellation"),
            unknown.all("code"),
            unknown.code
        ),
        (vec!["refused".into()], vec!["3".into()], Some(3)),
        "{unknown:?}"
    );
}

#[test]
fn a_prevend_sells_nothing_until_it_is_told_to() {
    let rig = quick();
    let words = "prevend --product 62 --msisdn 0821234567 --amount 20";
    let asked = rig.run(&format!("{words} --reference would"));
    assert_keys(
        &asked.objects()[0],
        &["answer", "code", "message", "reference"],
    );
    assert_eq!(
        (asked.all("answer"), asked.code),
        (vec!["yes".to_owned()], Some(0)),
        "{asked:?}"
    );
    assert_eq!(rig.ledger().sales().count(), 0);
    let sold = rig.run(&format!("{words} --sell"));
    assert_eq!(
        (sold.all("outcome"), sold.code),
        (vec!["succeeded".into()], Some(0))
    );
    let meter = rig.run("electricity prevend --supplier eskom --meter 12345678901 --amount 20");
    assert_eq!(
        (meter.all("answer"), meter.code),
        (vec!["yes".into()], Some(0)),
        "{meter:?}"
    );
    assert_eq!(rig.ledger().sales().count(), 1);
}

#[test]
fn monice_sells_what_is_offered_for_the_price_that_was_said() {
    let rig = quick();
    let offers = rig.run("monice query 0811234567");
    assert_eq!(offers.code, Some(0), "{offers:?}");
    let offer = &offers.objects()[0];
    assert_keys(offer, &["bundle", "cents", "description"]);
    let (bundle, cents) = (
        offer["bundle"].as_str().unwrap(),
        offer["cents"].as_u64().unwrap(),
    );
    let words = |cents| {
        format!(
            "monice recharge --msisdn 0811234567 --bundle {bundle} --cents {cents} --reference bundle-1"
        )
    };
    let dearer = rig.run(&words(cents - 1));
    assert!(
        dearer.code == Some(2) && dearer.err.contains("--cents must be what the bundle costs"),
        "{dearer:?}"
    );
    let sold = rig.run(&words(cents));
    assert_eq!(
        (sold.all("outcome"), sold.code),
        (vec!["succeeded".to_owned()], Some(0)),
        "{sold:?}"
    );
    assert_eq!(
        rig.run(&words(cents)).all("outcome"),
        ["succeeded"],
        "told again"
    );
    assert_eq!(rig.ledger().sales().count(), 1);
}

#[test]
fn payments_are_made_once() {
    let rig = Rig::with(|sandbox| sandbox.another_account("27810000002", 0.into()));
    for words in [
        "transfer --to 0810000002 --amount 50 --yes --reference moved",
        "easypay pay --type epNo --for >91234567890 --product 450 --amount 50 --payer 0821234567 --reference fined",
        "dstv pay --type SUBS --for 12345678 --product 460 --amount 50 --payer 0821234567 --reference watched",
    ] {
        let paid = rig.run(words);
        assert_eq!(
            (paid.all("outcome"), paid.code),
            (vec!["succeeded".to_owned()], Some(0)),
            "{words}: {paid:?}"
        );
        assert_eq!(rig.run(words).all("outcome"), ["succeeded"], "told again");
    }
    let balance = rig.run("balance").all("balance")[0].clone();
    assert!(balance.starts_with("998"), "each once: {balance}");
    for words in [
        "easypay query epNo >91234567890",
        "dstv query SUBS 12345678",
    ] {
        let known = rig.run(words);
        assert_eq!(known.code, Some(0), "{words}: {known:?}");
        assert_keys(
            &known.objects()[0],
            &["account", "account_type", "due", "name"],
        );
    }
    let asked = rig.run("transfer --to 0810000002 --amount 50");
    assert!(
        asked.code == Some(2)
            && asked.err.contains("--yes")
            && asked.err.contains("becomes a dealer"),
        "{asked:?}"
    );
}

#[test]
fn a_payment_in_doubt_has_clues_and_is_decided() {
    let rig = Rig::with(|sandbox| {
        let sandbox = sandbox.another_account("27810000002", 0.into());
        sandbox.faults("reset-after=1".parse().unwrap())
    });
    let lost = rig.hasty("transfer --to 0810000002 --amount 50 --yes --reference lost");
    assert_eq!(
        (lost.all("outcome"), lost.code),
        (vec!["unresolved".to_owned()], Some(4)),
        "{lost:?}"
    );
    rig.sandbox.set_faults(recharge_sandbox::Faults::none());
    let hint = rig.run("hint lost");
    assert_eq!(hint.code, Some(0), "{hint:?}");
    assert_keys(
        &hint.objects()[0],
        &[
            "amount",
            "balance_before",
            "balance_now",
            "open_amount",
            "open_count",
            "reference",
            "since_ms",
            "sold_amount",
            "sold_count",
        ],
    );
    assert_eq!(hint.all("amount"), ["50"]);
    let recovered = rig.hasty("recover");
    assert_eq!(
        recovered.code,
        Some(4),
        "no enquiry can find it: {recovered:?}"
    );
    let decided = rig.plain("journal decide lost --sold --yes --json --journal journal");
    assert_eq!(decided.code, Some(0), "{decided:?}");
    let ended = rig.run("hint lost");
    assert!(
        ended.code == Some(2) && ended.err.contains("an open sale"),
        "{ended:?}"
    );
    assert_eq!(rig.ledger().sales().count(), 1);
}

#[test]
fn what_is_wrong_with_a_submission_is_named_and_nothing_is_sent() {
    let rig = quick();
    let airtime = "--product 62 --msisdn 0821234567 --amount 20";
    let pay = "pay --type X --for 1 --product 450 --amount 50 --payer 0821234567";
    for (words, named, rule) in [
        (
            "submit --product 62 --msisdn 12 --amount 20",
            "--msisdn",
            "27 and nine",
        ),
        (
            "submit --product 23 --msisdn 0821234567 --amount 20",
            "product",
            "sold to a meter",
        ),
        (
            &format!("submit {airtime} --reference a/b") as &str,
            "--reference",
            "1 to 36",
        ),
        ("batch", "FILE.csv", "required"),
        ("batch nowhere.csv", "nowhere.csv", "regular file"),
        ("cancel a/b", "REF", "1 to 36"),
        ("hint a/b", "REF", "1 to 36"),
        (
            "prevend --product 62 --msisdn 0821234567",
            "--amount",
            "required",
        ),
        (
            "prevend --product 62 --msisdn 0821234567 --amount 0",
            "--amount",
            "above zero",
        ),
        (
            "prevend --product 23 --msisdn 0821234567 --amount 20",
            "product",
            "sold to a meter",
        ),
        (
            "electricity prevend --supplier eskom --meter 123456789 --amount 1.50",
            "amount",
            "whole rand",
        ),
        ("monice query 12", "MSISDN", "27 and nine"),
        (
            "monice recharge --msisdn 0811234567 --bundle x",
            "--cents",
            "required",
        ),
        (
            "monice recharge --msisdn 0811234567 --bundle x --cents 0",
            "--cents",
            "1..",
        ),
        ("transfer --to 12 --amount 50", "--to", "27 and nine"),
        (
            "transfer --to 0810000002 --amount 4",
            "amount",
            "at least 5",
        ),
        (
            "transfer --to 0810000002 --amount 50.50",
            "amount",
            "whole rand",
        ),
        (
            "transfer --to 0810000001 --amount 50 --yes",
            "recipient",
            "another account",
        ),
        (
            &format!("easypay {pay} --amount 0"),
            "--amount",
            "cannot be used multiple times",
        ),
        (
            "easypay pay --type epNo --for 1 --product 450 --amount 0 --payer 0821234567",
            "--amount",
            "above zero",
        ),
        (
            "easypay pay --type epNo --for /// --product 450 --amount 5 --payer 0821234567",
            "account",
            "1 to 50 printable",
        ),
        (
            "easypay pay --type /// --for 1 --product 450 --amount 5 --payer 0821234567",
            "--type",
            "1 to 50 printable",
        ),
        (
            "easypay pay --type epNo --for 1 --product 450 --amount 5 --payer 12",
            "--payer",
            "27 and nine",
        ),
        ("easypay query epNo ///", "account", "1 to 50 printable"),
        ("easypay query /// 1", "TYPE", "1 to 50 printable"),
        (
            "dstv pay --type SUBS --for /// --product 455 --amount 5 --payer 0821234567",
            "account",
            "1 to 50 printable",
        ),
        (
            "dstv pay --type SUBS --for 1 --product 0 --amount 5 --payer 0821234567",
            "--product",
            "above zero",
        ),
        ("dstv query SUBS ..", "account", "1 to 50 printable"),
    ] {
        let refused = rig.run(words);
        assert_eq!(
            (refused.code, refused.out.as_str()),
            (Some(2), ""),
            "{words}: {refused:?}"
        );
        assert!(
            refused.err.contains(named) && refused.err.contains(rule),
            "{words}: {}",
            refused.err
        );
    }
    assert!(rig.ledger().attempts.is_empty());
    assert_eq!(rig.run("balance").all("balance"), ["100000.0000"]);
    let gone = rig.run("monice recharge --msisdn 0811234567 --bundle nothing --cents 500");
    assert!(
        gone.code == Some(2)
            && gone
                .err
                .contains("bundle must be one of those that are offered"),
        "{gone:?}"
    );
}
