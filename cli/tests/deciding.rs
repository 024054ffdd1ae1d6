//! What only a person can end.

mod support;

use support::Rig;

const LOST: &str = "recharge --product 62 --msisdn 0821234567 --amount 13 --reference lost";

#[test]
fn a_person_ends_what_stays_open_and_once_only() {
    let rig = Rig::new();
    assert_eq!(rig.hasty(LOST).code, Some(4));
    let decide = |words: &str| {
        rig.plain(&format!(
            "journal decide lost {words} --json --journal journal"
        ))
    };
    let asked = decide("--sold");
    assert!(
        asked.code == Some(2) && asked.err.contains("--yes") && asked.err.contains("ends lost"),
        "{asked:?}"
    );
    let decided = decide("--sold --provider-reference 12345 --yes");
    assert_eq!(
        (
            decided.all("outcome"),
            decided.all("provider_reference"),
            decided.code
        ),
        (vec!["succeeded".into()], vec!["12345".into()], Some(0)),
        "{decided:?}"
    );
    let again = decide("--not-sold --yes");
    assert!(
        again.code == Some(2) && again.err.contains("an open sale"),
        "{again:?}"
    );
    assert_eq!(rig.run(LOST).all("outcome"), ["succeeded"], "it is told so");
    assert_eq!(rig.ledger().attempts.len(), 1, "and not sent again");
}

#[test]
fn what_is_decided_as_not_sold_is_told_as_failed() {
    let rig = Rig::new();
    assert_eq!(rig.hasty(LOST).code, Some(4));
    let decided = rig.plain("journal decide lost --not-sold --yes --json --journal journal");
    assert_eq!(
        (decided.all("outcome"), decided.code),
        (vec!["failed".to_owned()], Some(0))
    );
}

#[test]
fn a_decision_is_one_about_an_open_sale() {
    let rig = Rig::new();
    assert_eq!(rig.hasty(LOST).code, Some(4));
    for (words, named, rule) in [
        ("decide", "REF", "required"),
        ("decide lost", "--sold", "required"),
        (
            "decide lost --sold --not-sold",
            "--not-sold",
            "cannot be used with",
        ),
        ("decide a/b --sold --yes", "REF", "1 to 36 characters"),
        ("decide other --sold --yes", "REF", "an open sale"),
        (
            "decide lost --sold --yes --account 27829999999",
            "REF",
            "an open sale",
        ),
        (
            "decide lost --not-sold --provider-reference 1 --yes",
            "--provider-reference",
            "cannot be used with",
        ),
    ] {
        let refused = rig.plain(&format!("journal {words} --journal journal"));
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
    let open = rig.plain("journal list --open --json --journal journal");
    assert_eq!(open.all("reference"), ["lost"], "nothing was decided");
}
