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
