//! What is only read: one line for each thing, with every key, and a table for people.

mod support;

use serde_json::json;
use support::{Rig, assert_keys};

#[test]
fn the_account_and_its_tokens() {
    let rig = Rig::with(|sandbox| sandbox.token_limit(7));
    let tokens = rig.run("tokens");
    assert_eq!(
        (tokens.objects(), tokens.code),
        (vec![json!({ "tokens_left": 7 })], Some(0)),
        "{tokens:?}"
    );
    for (number, registered) in [("27810000001", true), ("0829999999", false)] {
        let told = rig.run(&format!("registered {number}"));
        assert_eq!(told.objects()[0]["registered"], registered, "{told:?}");
        assert_keys(&told.objects()[0], &["msisdn", "registered"]);
    }
}

#[test]
fn a_flush_wants_to_be_confirmed() {
    let rig = Rig::with(|sandbox| sandbox.token_limit(2));
    let refused = rig.run("tokens flush");
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
    assert!(
        refused.err.contains("--yes") && refused.err.contains("tills that are at work"),
        "{}",
        refused.err
    );
    let before = rig.sandbox.logins();
    let flushed = rig.run("tokens flush --yes");
    assert_eq!(
        (flushed.all("tokens_left"), flushed.code),
        (vec!["2".to_owned()], Some(0)),
        "{flushed:?}"
    );
    assert_eq!(rig.sandbox.logins(), before, "it needs no token");
}

#[test]
fn networks_and_sims() {
    let rig = Rig::new();
    let sim = rig.run("sim 0821234567");
    assert_keys(
        &sim.objects()[0],
        &["msisdn", "network", "ported", "queried_at"],
    );
    assert_eq!(sim.objects()[0]["msisdn"], "27821234567");
    assert!(rig.run("health --rica").objects().len() >= 4);
    let health = rig.run("health");
    assert!(health.objects().len() >= 4, "{health:?}");
    for network in health.objects() {
        assert_keys(&network, &["health", "network"]);
        assert_eq!(network["health"], "UP");
    }
    assert_eq!((sim.code, health.code), (Some(0), Some(0)));
}

#[test]
fn the_catalogue() {
    let rig = Rig::new();
    let networks = rig.run("networks").objects();
    assert!(networks.len() > 3, "{networks:?}");
    assert_keys(&networks[0], &["id", "name", "products"]);

    let all = rig.run("products");
    let one = rig.run("product 62");
    let airtime = &one.objects()[0];
    assert_keys(
        airtime,
        &[
            "by_payment",
            "by_recharge",
            "description",
            "discount_with_sms",
            "discount_without_sms",
            "form",
            "id",
            "name",
            "network",
            "price",
            "price_max",
            "price_min",
            "type",
            "type_name",
        ],
    );
    assert_eq!(
        (&airtime["id"], &airtime["price"]),
        (&json!(62), &json!("variable"))
    );
    let ids = all.all("id");
    assert!(ids.contains(&"62".to_owned()), "{ids:?}");
    let mut once = ids.clone();
    once.dedup();
    assert_eq!(once, ids, "each product is told once");

    let vodacom = rig.run("network 1");
    assert_eq!(vodacom.all("id"), rig.run("products --network 1").all("id"));
    assert!(vodacom.all("id").len() < ids.len());
    let offered = rig.run("products --for 0821234567 --type A");
    assert!(
        offered
            .objects()
            .iter()
            .all(|product| product["type"] == "A"),
        "{offered:?}"
    );
    assert!(offered.all("id").contains(&"62".to_owned()), "{offered:?}");
    let table = rig.run("product 62 --output table");
    assert!(table.out.starts_with("    ID  NETWORK"), "{}", table.out);
    assert!(rig.ledger().attempts.is_empty());
}

#[test]
fn the_cashup_of_today_and_of_a_period() {
    let rig = Rig::new();
    let sold = rig.run("recharge --product 62 --msisdn 0821234567 --amount 29.50");
    assert_eq!(sold.code, Some(0), "{sold:?}");
    for words in ["cashup", "cashup --from 2020-01-01 --to 2099-12-31"] {
        let told = rig.run(words);
        assert_eq!(told.code, Some(0), "{told:?}");
        let lines = told.objects();
        for line in &lines {
            assert_keys(
                line,
                &["amount", "count", "group", "item", "net_amount", "profit"],
            );
        }
        let sales: Vec<_> = lines
            .iter()
            .filter(|line| line["group"] == "recharges")
            .collect();
        assert_eq!(sales.len(), 1, "{told:?}");
        assert_eq!(sales[0]["count"], 1);
        assert!(lines.iter().any(|line| line["group"] == "closing_balance"));
    }
}

#[test]
fn the_cashup_is_held_against_the_journal() {
    let rig = Rig::new();
    let none = rig.run("reconcile");
    assert!(
        none.code == Some(1) && none.err.contains("no such journal"),
        "{none:?}"
    );
    let days = "--from 2020-01-01 --to 2099-12-31";
    let sold = rig.run("recharge --product 62 --msisdn 0821234567 --amount 29.50");
    assert_eq!(sold.code, Some(0), "{sold:?}");
    let clean = rig.run(&format!("reconcile {days}"));
    assert_eq!(
        (clean.all("agreement"), clean.code),
        (vec!["agrees".to_owned()], Some(0)),
        "{clean:?}"
    );
    assert_keys(
        &clean.objects()[0],
        &[
            "agreement",
            "cashup_amount",
            "cashup_count",
            "could_be_explained",
            "difference_amount",
            "difference_count",
            "edge_inside",
            "edge_outside",
            "journal_amount",
            "journal_count",
            "line",
            "open",
        ],
    );
    // Sold through another journal: the cashup has it, this one does not.
    let elsewhere = rig.run("recharge --product 62 --msisdn 0821234567 --amount 5 --journal other");
    assert_eq!(elsewhere.code, Some(0), "{elsewhere:?}");
    let torn = rig.run(&format!("reconcile {days}"));
    assert_eq!(
        (
            torn.all("agreement"),
            torn.all("difference_count"),
            torn.code
        ),
        (vec!["differs".into()], vec!["1".into()], Some(5)),
        "{torn:?}"
    );
    let table = rig.run(&format!("reconcile {days} --output table"));
    assert!(table.out.starts_with("differs"), "{}", table.out);
}
