//! RICA: SIMs and agents.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::Till;
use crate::{ACCOUNT, code, get, post};

const PATH: &str = "/smartrica/registrations";
const ICCID: &str = "8927000000001234567";

fn registration() -> Value {
    json!({
        "agentId": ACCOUNT, "firstName": "Thandi", "surname": "Nkosi",
        "idDetails": {"idNumber": "8001015009087", "idType": "N", "idNationality": "ZA"},
        "registrationType": "ICCID", "subscriberId": ICCID, "last4Iccid": "4567",
        "residentialAddress": {
            "address1": "12 Long Street", "address2": "Gardens", "postalCode": "8001",
            "country": {"countryCode": "ZA"},
        },
        "network": {"id": 1}, "altContactNumber": "0831234567",
    })
}

fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[member] = value;
    body
}

fn passport(expires: &str) -> Value {
    let identity = json!({"idNumber": "AB123456", "idType": "P", "idNationality": "GB", "passportExpiryDate": expires});
    with(registration(), "/idDetails", identity)
}

#[tokio::test]
async fn a_registration_is_pending_and_then_done() {
    let till = Till::open().await;
    let (status, answer) = post(&till, PATH, &registration()).await;
    assert_eq!((status, &answer["responseCode"]), (200, &json!("SUCCESS")));
    let reference = answer["ricaReference"].as_str().unwrap();
    let path = format!("/smartrica/status/{ACCOUNT}/{ICCID}/{reference}");
    assert_eq!(get(&till, &path).await.1["status"], "PENDING");
    assert_eq!(code(&post(&till, PATH, &registration()).await), (400, 36));
    till.clock.advance(Duration::from_secs(5));
    assert_eq!(get(&till, &path).await.1["status"], "REGISTERED");
    assert_eq!(post(&till, PATH, &registration()).await.0, 200);
    for (path, expected) in [
        (
            format!("/smartrica/status/{ACCOUNT}/{ICCID}/never"),
            (400, 1008),
        ),
        (
            format!("/smartrica/status/{ACCOUNT}/8927000000009999999/{reference}"),
            (400, 1008),
        ),
        (
            format!("/smartrica/status/{ACCOUNT}/12/{reference}"),
            (400, 6),
        ),
        (
            format!("/smartrica/status/27820000000/{ICCID}/{reference}"),
            (403, 400),
        ),
    ] {
        assert_eq!(code(&get(&till, &path).await), expected, "{path}");
    }
}

#[tokio::test]
async fn every_part_of_a_registration_is_refused_by_its_code() {
    let till = Till::open().await;
    for (pointer, value, expected) in [
        ("/agentId", json!("hello"), 1),
        ("/agentId", json!("27845555555"), 2),
        ("/agentId", json!("27820000002"), 2),
        ("/registrationType", json!("BOX"), 5),
        ("/subscriberId", json!("123"), 6),
        ("/firstName", json!(""), 8),
        ("/surname", json!("N0"), 9),
        ("/idDetails/idType", json!("X"), 10),
        ("/idDetails", json!("me"), 10),
        ("/idDetails/idNumber", json!("123"), 11),
        ("/idDetails/idNationality", json!(""), 12),
        ("/residentialAddress/address1", json!("P.O. Box 123"), 14),
        ("/residentialAddress/address1", json!("12345"), 14),
        ("/residentialAddress/address2", json!("abc"), 32),
        ("/residentialAddress/postalCode", json!("80"), 59),
        ("/residentialAddress/country", json!({}), 13),
        ("/network", json!({"id": 99}), 31),
        ("/altContactNumber", Value::Null, 51),
        (
            "/businessOwnerIdDetails",
            json!({"idNumber": "1", "idType": "X"}),
            25,
        ),
        (
            "/businessOwnerIdDetails",
            json!({"idNumber": "1", "idType": "N"}),
            26,
        ),
        (
            "/businessOwnerIdDetails",
            json!({"idNumber": "8001015009087", "idType": "N"}),
            27,
        ),
    ] {
        let body = with(registration(), pointer, value.clone());
        assert_eq!(
            code(&post(&till, PATH, &body).await),
            (400, expected),
            "{pointer} {value}"
        );
    }
    let msisdn = with(registration(), "/registrationType", json!("MSISDN"));
    let msisdn = with(msisdn, "/subscriberId", json!("0831234567"));
    let without = with(msisdn.clone(), "/last4Iccid", Value::Null);
    assert_eq!(code(&post(&till, PATH, &without).await), (400, 7));
    assert_eq!(post(&till, PATH, &msisdn).await.0, 200);
}

#[tokio::test]
async fn a_passport_must_be_valid_for_three_months_and_foreign() {
    let till = Till::open().await;
    for (expires, expected) in [
        ("", 50),
        ("2023-12-31", 55),
        ("2024-03-31", 55),
        ("soon", 55),
    ] {
        assert_eq!(
            code(&post(&till, PATH, &passport(expires)).await),
            (400, expected),
            "{expires}"
        );
    }
    let own = with(
        passport("2030-01-01"),
        "/idDetails/idNationality",
        json!("ZA"),
    );
    assert_eq!(code(&post(&till, PATH, &own).await), (400, 56));
    let bad = with(passport("2030-01-01"), "/idDetails/idNumber", json!("?"));
    assert_eq!(code(&post(&till, PATH, &bad).await), (400, 60));
    assert_eq!(post(&till, PATH, &passport("2024-04-01")).await.0, 200);
}

#[tokio::test]
async fn one_identity_has_a_hundred_sims_at_most() {
    let till = Till::open().await;
    let sim = |nth: u32| {
        let iccid = format!("89270000000000{nth:05}");
        with(registration(), "/subscriberId", json!(iccid))
    };
    for nth in 0..100 {
        assert_eq!(post(&till, PATH, &sim(nth)).await.0, 200, "{nth}");
    }
    assert_eq!(code(&post(&till, PATH, &sim(100)).await), (400, 28));
}

#[tokio::test]
async fn an_agent_is_asked_about_in_three_ways() {
    let till = Till::open().await;
    for (msisdn, expected) in [
        (ACCOUNT, [true, true, true]),
        ("27820000000", [true, true, false]),
        ("27820000002", [true, false, true]),
        ("27845555555", [false, false, false]),
    ] {
        let path = format!("/smartrica/agentquery/{ACCOUNT}/{msisdn}");
        let (status, agent) = get(&till, &path).await;
        let said = ["ricaAgent", "enabled", "masterDealerAgent"].map(|name| agent[name].clone());
        assert_eq!((status, said), (200, expected.map(Value::from)), "{msisdn}");
    }
    let path = format!("/smartrica/agentquery/{ACCOUNT}/hello");
    assert_eq!(code(&get(&till, &path).await), (400, 1));
}

fn agent(msisdn: &str, image: &[u8]) -> Value {
    let image = STANDARD.encode(image);
    let body = registration();
    json!({
        "smartloadId": ACCOUNT, "firstName": "Sipho", "surname": "Dlamini", "msisdn": msisdn,
        "idDetails": body["idDetails"], "residentialAddress": body["residentialAddress"],
        "idDocumentImage": image, "faceImage": image, "proofOfAddressImage": image,
    })
}

#[tokio::test]
async fn an_agent_is_registered_with_three_images_of_up_to_300_kilobytes() {
    let till = Till::open().await;
    let path = "/smartrica/agent";
    for (image, expected) in [(vec![], 1007), (vec![7; 300 * 1024 + 1], 1007)] {
        assert_eq!(
            code(&post(&till, path, &agent("27841111111", &image)).await),
            (400, expected)
        );
    }
    let not_base64 = with(agent("27841111111", b"x"), "/faceImage", json!("?"));
    assert_eq!(code(&post(&till, path, &not_base64).await), (400, 1007));
    let (status, answer) = post(&till, path, &agent("27841111111", &[7; 300 * 1024])).await;
    assert_eq!(status, 200, "{answer}");
    let (_, failing) = post(&till, path, &agent("27841111110", b"x")).await;
    let of = |answer: &Value| {
        format!(
            "/smartrica/agent/regstatus/{}",
            answer["agentRegistrationId"].as_str().unwrap()
        )
    };
    assert_eq!(get(&till, &of(&answer)).await.1["status"], "PENDING");
    till.clock.advance(Duration::from_secs(5));
    assert_eq!(get(&till, &of(&answer)).await.1["status"], "APPROVED");
    assert_eq!(get(&till, &of(&failing)).await.1["status"], "FAILED");
    for unknown in ["never", "AGENT0", "AGENT99", "RICA00000001"] {
        let path = format!("/smartrica/agent/regstatus/{unknown}");
        assert_eq!(code(&get(&till, &path).await), (400, 1008), "{unknown}");
    }
}
