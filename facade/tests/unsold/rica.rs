//! Chapter 11.

use httpmock::Method;
use recharge::smartcall::{
    Address, AgentRegistration, Client, Iccid, Identity, Image, Person, Registration, RicaAgent,
    RicaCode, RicaReference, Sim, SubmitError, Submitted,
};
use recharge::{Invalid, ReadError};
use serde_json::json;

use super::desk::{BEARER, Desk};
use super::support::{self, ACCOUNT, Reply, Request, Route, Shop, well};

const ICCID: &str = "8911000000010240123";
const CONTACT: &str = "27831112222";

fn person(identity: Identity) -> Person {
    let address = Address::new("12 Long Street", "Gardens", "8001", "ZA").unwrap();
    Person::new("Jane", "Doe", identity, address).unwrap()
}

fn national() -> Identity {
    Identity::south_african("8001015009087").unwrap()
}

/// The clock stands in January 2027.
fn passport(expires: &str) -> Identity {
    Identity::passport("AB987654", "ZW", expires.parse().unwrap()).unwrap()
}

fn of(identity: Identity, sim: Sim) -> Result<Registration, Invalid> {
    let agent = ACCOUNT.parse().unwrap();
    Registration::new(agent, person(identity), sim, 1, CONTACT.parse().unwrap())
}

fn registration() -> Registration {
    of(national(), Sim::iccid(ICCID.parse().unwrap())).unwrap()
}

fn agent(identity: Identity) -> AgentRegistration {
    AgentRegistration {
        person: person(identity),
        msisdn: CONTACT.parse().unwrap(),
        id_document: Image::new(*b"document").unwrap(),
        face: Image::new(*b"face").unwrap(),
        proof_of_address: Image::new(*b"proof").unwrap(),
    }
}

fn reference(text: &str) -> RicaReference {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_registration_is_sent_with_the_members_of_the_document() {
    let desk = Desk::open().await;
    let sent = desk
        .post(
            "/smartrica/registrations",
            json!({
                "agentId": ACCOUNT, "altContactNumber": CONTACT, "firstName": "Jane", "surname": "Doe",
                "idDetails": {"idType": "N", "idNumber": "8001015009087", "idNationality": "ZA"},
                "network": {"id": 1}, "registrationType": "ICCID", "subscriberId": ICCID,
                "residentialAddress": {"address1": "12 Long Street", "address2": "Gardens", "postalCode": "8001", "country": {"countryCode": "ZA"}},
            }),
            200,
            r#"{"error":null,"responseCode":"Success","ricaReference":"R-77"}"#,
        )
        .await;
    let told = desk.client.submit_registration(&registration()).await;
    assert_eq!(told.unwrap(), Submitted::Accepted(Some(reference("R-77"))));
    sent.assert_calls_async(1).await;
}

#[tokio::test]
async fn a_passport_goes_with_its_country_and_its_last_day_and_a_number_with_its_last_four() {
    let desk = Desk::open().await;
    let sent = desk
        .post(
            "/smartrica/registrations",
            json!({
                "agentId": ACCOUNT, "altContactNumber": CONTACT, "firstName": "Jane", "surname": "Doe",
                "idDetails": {"idType": "P", "idNumber": "AB987654", "idNationality": "ZW", "passportExpiryDate": "2030-01-31"},
                "network": {"id": 1}, "registrationType": "MSISDN", "subscriberId": "27821234567", "last4Iccid": "0123",
                "residentialAddress": {"address1": "12 Long Street", "address2": "Gardens", "postalCode": "8001", "country": {"countryCode": "ZA"}},
            }),
            400,
            r#"{"code":36,"message":"A registration request for this SIM has already been received"}"#,
        )
        .await;
    let sim = Sim::msisdn(support::SUBSCRIBER.parse().unwrap(), "0123").unwrap();
    let told = desk
        .client
        .submit_registration(&of(passport("2030-01-31"), sim).unwrap())
        .await;
    let Ok(Submitted::Refused(refusal)) = told else {
        panic!("{told:?}");
    };
    assert_eq!(refusal.code, Some(RicaCode::BeingProcessed));
    sent.assert_calls_async(1).await;
}

#[tokio::test]
async fn an_agents_registration_carries_its_three_images_in_base64() {
    let desk = Desk::open().await;
    let sent = desk
        .post(
            "/smartrica/agent",
            json!({
                "smartloadId": ACCOUNT, "msisdn": CONTACT, "firstName": "Jane", "surname": "Doe",
                "idDetails": {"idType": "N", "idNumber": "8001015009087", "idNationality": "ZA"},
                "residentialAddress": {"address1": "12 Long Street", "address2": "Gardens", "postalCode": "8001", "country": {"countryCode": "ZA"}},
                "idDocumentImage": "ZG9jdW1lbnQ=", "faceImage": "ZmFjZQ==", "proofOfAddressImage": "cHJvb2Y=",
            }),
            200,
            r#"{"error":null,"responseCode":"SUCCESS","agentRegistrationId":99}"#,
        )
        .await;
    let told = desk.client.register_agent(&agent(national())).await;
    assert_eq!(told.unwrap(), Submitted::Accepted(Some(reference("99"))));
    sent.assert_calls_async(1).await;
}

#[tokio::test]
async fn a_passport_that_ends_within_three_months_is_not_sent() {
    let desk = Desk::open().await;
    let anything = desk.always(200, "{}").await;
    let soon = of(passport("2027-04-14"), Sim::iccid(ICCID.parse().unwrap())).unwrap();
    let told = desk.client.submit_registration(&soon).await;
    let Err(SubmitError::Invalid(invalid)) = told else {
        panic!("{told:?}");
    };
    assert_eq!(invalid.field(), "passport_expiry_date");
    assert_eq!(invalid.rule(), "must be at least three months ahead");
    let told = desk
        .client
        .register_agent(&agent(passport("2027-04-14")))
        .await;
    assert!(matches!(told, Err(SubmitError::Invalid(_))), "{told:?}");
    anything.assert_calls_async(0).await;
    assert_eq!(desk.logins().await, 0);

    let told = desk
        .client
        .register_agent(&agent(passport("2027-04-15")))
        .await;
    assert!(matches!(told, Ok(Submitted::Unknown(_))), "{told:?}");
    anything.assert_calls_async(1).await;
}

#[test]
fn a_registration_needs_a_network_and_another_number() {
    let contact = CONTACT.parse().unwrap();
    let sim = || Sim::iccid(ICCID.parse().unwrap());
    let told = Registration::new(contact, person(national()), sim(), 0, contact);
    let refused = told.expect_err("no network");
    assert_eq!(
        (refused.field(), refused.rule()),
        ("network", "must be a network id above zero")
    );
    let own = Sim::msisdn(contact, "0123").unwrap();
    let told = Registration::new(contact, person(national()), own, 1, contact);
    let refused = told.expect_err("the SIM's own number");
    assert_eq!(
        (refused.field(), refused.rule()),
        (
            "alternative_contact",
            "must be another number than the SIM's own"
        )
    );
}

fn submission(request: &Request) -> bool {
    request.route == Route::Other
}

/// Submits one of each, and gives back what came of it and how often it was sent to which host.
async fn submit_both(
    script: impl Fn(&Request) -> Reply + Send + Sync + Clone + 'static,
    closed: &[usize],
) -> Vec<(Result<Submitted, SubmitError>, Vec<usize>)> {
    let mut both = Vec::new();
    for which in 0..2 {
        let shop = Shop::with(
            std::sync::Arc::new(recharge::journal::Memory::new()),
            recharge::Policy::default(),
            closed,
            script.clone(),
        )
        .await;
        let told = match which {
            0 => shop.client.submit_registration(&registration()).await,
            _ => shop.client.register_agent(&agent(national())).await,
        };
        let sent = shop.service.log(Route::Other);
        both.push((told, sent.iter().map(|request| request.host).collect()));
    }
    both
}

#[tokio::test]
async fn a_lost_answer_is_a_value_and_the_submission_is_not_sent_again() {
    for reply in [
        Reply::Close,
        Reply::Reset,
        Reply::HalfAStatusLine,
        Reply::Cut(200, r#"{"responseCode":"#.into()),
        support::html(500),
        support::html(502),
        support::html(503),
        support::text_reply(429, "text/plain", ""),
        Reply::Http(307, vec![("Location", "/elsewhere".into())], String::new()),
    ] {
        let told = reply.clone();
        let script = move |request: &Request| match submission(request) {
            true => reply.clone(),
            false => well(request),
        };
        for (submitted, sent) in submit_both(script, &[]).await {
            let Ok(Submitted::Unknown(unknown)) = submitted else {
                panic!("{told:?}: {submitted:?}");
            };
            assert!(!unknown.enquiry.is_empty());
            assert_eq!(sent, [0], "{told:?}");
        }
    }
}

#[tokio::test]
async fn a_submission_goes_to_the_other_host_only_when_nothing_was_sent() {
    let script = |request: &Request| match submission(request) {
        true => support::json_reply(200, json!({"error": null, "responseCode": "SUCCESS"})),
        false => well(request),
    };
    for (submitted, sent) in submit_both(script, &[0]).await {
        assert_eq!(submitted.unwrap(), Submitted::Accepted(None));
        assert_eq!(sent, [1]);
    }
    for (submitted, sent) in submit_both(script, &[0, 1]).await {
        assert!(
            matches!(submitted, Err(SubmitError::NotSent(_))),
            "{submitted:?}"
        );
        assert!(sent.is_empty());
    }
}

#[tokio::test]
async fn a_401_is_an_error_and_the_next_submission_has_a_new_token() {
    let shop = Shop::open(|request| match request.header("authorization") {
        Some("Bearer token-1") => {
            support::unauthorised("Authorization denied. Token validation failed")
        }
        _ if submission(request) => {
            support::json_reply(200, json!({"error": null, "responseCode": "SUCCESS"}))
        }
        _ => well(request),
    })
    .await;
    let told = shop.client.submit_registration(&registration()).await;
    assert!(matches!(told, Err(SubmitError::Denied(_))), "{told:?}");
    let told = shop.client.submit_registration(&registration()).await;
    assert_eq!(told.unwrap(), Submitted::Accepted(None));
    assert_eq!(shop.service.count(Route::Other), 2);
}

#[tokio::test]
async fn the_status_of_a_registration_is_asked_for_by_sim_and_reference() {
    let desk = Desk::open().await;
    let asked = desk
        .server
        .mock_async(|when, then| {
            when.method(Method::GET)
                .path(format!("/webservice/smartrica/status/{ACCOUNT}/{ICCID}/R-77"))
                .header("Authorization", BEARER);
            then.status(200).body(
                r#"{"error":null,"responseCode":"SUCCESS","ricaReference":"R-77","status":"REGISTERED","statusMessage":" done "}"#,
            );
        })
        .await;
    let iccid: Iccid = ICCID.parse().unwrap();
    let status = desk.client.rica_status(&iccid, &reference("R-77")).await;
    let status = status.unwrap();
    assert_eq!(
        (status.status.as_str(), status.message.as_deref()),
        ("REGISTERED", Some("done"))
    );
    asked.assert_async().await;
}

#[tokio::test]
async fn the_status_of_an_agents_registration_is_asked_for_by_its_reference() {
    let desk = Desk::open().await;
    let asked = desk
        .get(
            "/smartrica/agent/regstatus/99",
            200,
            r#"{"error":null,"responseCode":"SUCCESS","agentRegistrationId":"99","status":"FAILED","statusMessage":"The face is not to be seen"}"#,
        )
        .await;
    let status = desk
        .client
        .agent_registration_status(&reference("99"))
        .await;
    let status = status.unwrap();
    assert_eq!(status.status, "FAILED");
    assert_eq!(
        status.message.as_deref(),
        Some("The face is not to be seen")
    );
    asked.assert_async().await;
}

#[tokio::test]
async fn an_agent_is_told_part_by_part() {
    for (body, expected) in [
        (
            r#"{"error":null,"responseCode":"SUCCESS","ricaAgent":true,"enabled":false,"masterDealerAgent":true}"#,
            [Some(true), Some(false), Some(true)],
        ),
        (
            r#"{"error":null,"ricaAgent":false,"enabled":null,"masterDealerAgent":"N"}"#,
            [Some(false), None, None],
        ),
    ] {
        let desk = Desk::open().await;
        desk.get(
            &format!("/smartrica/agentquery/{ACCOUNT}/{CONTACT}"),
            200,
            body,
        )
        .await;
        let agent: RicaAgent = desk
            .client
            .rica_agent(CONTACT.parse().unwrap())
            .await
            .unwrap();
        assert_eq!(
            [agent.is_agent, agent.enabled, agent.under_master_dealer],
            expected
        );
    }
}

#[tokio::test]
async fn nothing_of_a_person_is_in_debug_forms_or_errors() {
    let desk = Desk::open().await;
    desk.always(
        400,
        r#"{"code":11,"message":"ID 8001015009087 of 27831112222 is not valid"}"#,
    )
    .await;
    let (registration, agent) = (registration(), agent(passport("2030-01-31")));
    let client: &Client = &desk.client;
    let printed = format!(
        "{registration:?} {agent:?} {:?} {:?} {:?}",
        client.submit_registration(&registration).await,
        client.register_agent(&agent).await,
        match client.rica_agent(CONTACT.parse().unwrap()).await {
            Err(error @ ReadError::Service { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        },
    );
    for personal in [
        "Jane",
        "Doe",
        "8001015009087",
        CONTACT,
        "27831112222",
        ICCID,
        "AB987654",
        "Long Street",
        "Gardens",
        "document",
    ] {
        let found = printed.replace("id_document", "").contains(personal);
        assert!(!found, "{personal}: {printed}");
    }
}
