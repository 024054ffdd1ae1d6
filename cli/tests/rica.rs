//! Registrations: what is personal comes from a file, what is wrong is named, and nothing is sent for it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use serde_json::{Value, json};
use support::{Rig, assert_keys};

fn person() -> Value {
    json!({
        "first_name": "Thandi", "surname": "Nkosi",
        "passport": "BN123456", "nationality": "ZWE", "passport_expires": "2099-12-31",
        "address1": "12 Long Street", "address2": "Gardens", "postal_code": "8001", "country": "ZAF",
    })
}

fn registration() -> Value {
    json!({
        "agent": "0810000001", "network": 1, "alternative_contact": "0831234567",
        "sim": { "iccid": "8927000001234567890" }, "person": person(),
    })
}

fn agent(rig: &Rig) -> Value {
    let image = rig.file("image.jpg", "not really an image");
    json!({
        "msisdn": "0821111111", "person": person(),
        "id_document": image, "face": image, "proof_of_address": image,
    })
}

fn form(rig: &Rig, form: &Value) -> String {
    rig.file("form.json", &form.to_string())
}

#[test]
fn a_registration_is_taken_in_and_asked_about() {
    let rig = Rig::new();
    let file = form(&rig, &registration());
    let told = rig.run(&format!("rica register {file}"));
    assert_eq!(
        (told.all("outcome"), told.code),
        (vec!["accepted".into()], Some(0)),
        "{told:?}"
    );
    assert_keys(
        &told.objects()[0],
        &["code", "message", "outcome", "rica_reference"],
    );
    let reference = told.all("rica_reference")[0].clone();
    let status = rig.run(&format!(
        "rica status --iccid 8927000001234567890 {reference}"
    ));
    assert_eq!(status.code, Some(0), "{status:?}");
    assert_keys(
        &status.objects()[0],
        &["message", "rica_reference", "status"],
    );
    for personal in ["Nkosi", "BN123456", "Long Street"] {
        assert!(!told.err.contains(personal) && !told.out.contains(personal));
    }
}

#[test]
fn an_agent_is_registered_and_asked_about() {
    let rig = Rig::new();
    let file = form(&rig, &agent(&rig));
    let told = rig.run(&format!("rica register-agent {file}"));
    assert_eq!(told.code, Some(0), "{told:?}");
    let reference = told.all("rica_reference")[0].clone();
    let status = rig.run(&format!("rica agent-status {reference}"));
    assert_eq!(status.code, Some(0), "{status:?}");
    let queried = rig.run("rica agent 0821111111");
    assert_eq!(queried.code, Some(0), "{queried:?}");
    assert_keys(
        &queried.objects()[0],
        &["enabled", "is_agent", "msisdn", "under_master_dealer"],
    );
}

/// The form with one member set, by its path.
fn with(mut form: Value, path: &str, value: Value) -> Value {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let parent = if parent.is_empty() {
        &mut form
    } else {
        form.pointer_mut(&format!("/{parent}")).unwrap()
    };
    parent[name] = value;
    form
}

#[test]
fn a_form_is_refused_by_member_and_rule_and_nothing_is_sent() {
    let rig = Rig::new();
    let refused = |command: &str, text: &str, named: &str, rule: &str| {
        let file = rig.file("form.json", text);
        let told = rig.run(&format!("rica {command} {file}"));
        assert_eq!(
            (told.code, told.out.as_str()),
            (Some(2), ""),
            "{text}: {told:?}"
        );
        assert!(
            told.err.contains(named) && told.err.contains(rule),
            "{text}: {}",
            told.err
        );
    };
    for (path, value, named, rule) in [
        ("agent", json!("12"), "agent", "27 and nine digits"),
        ("network", json!(0), "network", "above zero"),
        ("network", json!("Vodacom"), "line 1", "u32"),
        (
            "alternative_contact",
            json!("12"),
            "alternative_contact",
            "27 and nine digits",
        ),
        (
            "sim",
            json!({}),
            "sim",
            "one of iccid, msisdn and starter_pack",
        ),
        ("sim/iccid", json!("12"), "iccid", "19 or 20 digits"),
        (
            "sim",
            json!({ "msisdn": "0821234567" }),
            "sim.last_four",
            "must be given",
        ),
        (
            "sim",
            json!({ "msisdn": "0821234567", "last_four": "12" }),
            "last_four",
            "last 4 digits",
        ),
        (
            "sim",
            json!({ "starter_pack": "", "last_four": "1234" }),
            "starter_pack",
            "1 to 30",
        ),
        ("person/surname", json!(""), "surname", "1 to 100"),
        (
            "person/nationality",
            json!(null),
            "person",
            "either id_number, or passport",
        ),
        (
            "person/nationality",
            json!("Zimbabwe"),
            "nationality",
            "2 or 3 letters",
        ),
        (
            "person/id_number",
            json!("9001015800085"),
            "person",
            "either id_number, or passport",
        ),
        ("person/address1", json!("1"), "address1", "must"),
        ("person/postal_code", json!("1"), "postal_code", "must"),
        (
            "person/country",
            json!("South Africa"),
            "country",
            "2 or 3 letters",
        ),
        (
            "person/middle_name",
            json!("x"),
            "middle_name",
            "unknown field",
        ),
    ] {
        let text = with(registration(), path, value).to_string();
        refused("register", &text, named, rule);
    }
    let mut identity = person();
    for member in ["passport", "nationality", "passport_expires"] {
        identity[member] = json!(null);
    }
    identity["id_number"] = json!("12");
    let text = with(registration(), "person", identity).to_string();
    refused("register", &text, "id_number", "13 digits");
    let mut passport = person();
    for (expires, rule) in [("2020-01-01", "three"), ("soon", "passport_expires")] {
        passport["passport_expires"] = json!(expires);
        let text = with(registration(), "person", passport.clone()).to_string();
        refused("register", &text, "passport", rule);
    }
    let large = rig.file("large.jpg", &"x".repeat(300_001));
    for (path, value, named, rule) in [
        (
            "face",
            json!("nowhere.jpg"),
            "face nowhere.jpg",
            "No such file",
        ),
        ("face", json!(large), "face", "300"),
        (
            "id_document",
            json!(rig.file("empty.jpg", "")),
            "id_document",
            "300",
        ),
        ("msisdn", json!("12"), "msisdn", "27 and nine digits"),
    ] {
        let text = with(agent(&rig), path, value).to_string();
        refused("register-agent", &text, named, rule);
    }
    refused("register", "{", "form.json", "EOF");
    refused("register", "[]", "form.json", "invalid");
    for (words, named, rule) in [
        ("rica", "Usage", "rica"),
        ("rica register", "FILE.json", "required"),
        ("rica register nowhere.json", "nowhere.json", "No such file"),
        ("rica status x", "--iccid", "required"),
        ("rica status --iccid 12 x", "--iccid", "19 or 20 digits"),
        ("rica status --iccid 8927000001234567890 ..", "REF", "must"),
        ("rica agent 12", "MSISDN", "27 and nine digits"),
        ("rica agent-status ..", "REF", "must"),
        ("reconcile --from 2026-11-01", "--to", "required"),
        (
            "reconcile --from 2026-11-02 --to 2026-11-01",
            "period",
            "must not end before it begins",
        ),
    ] {
        let told = rig.run(words);
        assert_eq!(
            (told.code, told.out.as_str()),
            (Some(2), ""),
            "{words}: {told:?}"
        );
        assert!(
            told.err.contains(named) && told.err.contains(rule),
            "{words}: {}",
            told.err
        );
    }
    assert!(rig.ledger().attempts.is_empty());
}
