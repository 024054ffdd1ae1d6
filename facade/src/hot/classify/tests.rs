//! Each row of the table, and that nothing but its rows is a sale or a refusal.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::recovery::{Loss, Obstacle};

const AIRTIME: Manner = Manner {
    sells: true,
    kind: Kind::Airtime,
};

fn of(kind: Kind) -> Manner {
    Manner { sells: true, kind }
}

fn answered(status: u16, body: &[u8], manner: Manner) -> Verdict {
    let answer = delivery::Answer::<Value> {
        status,
        retry_after: None,
        body: delivery::Body::Raw(body.to_vec().into()),
    };
    classify(Delivery::Answered(reading(answer)), manner)
}

fn json_answered(status: u16, body: &Value, manner: Manner) -> Verdict {
    answered(status, body.to_string().as_bytes(), manner)
}

fn perhaps() -> Verdict {
    Verdict::Ambiguous(Doubt::Unlisted(PERHAPS.into()))
}

fn sold() -> Value {
    json!({"successful": true, "rechargeId": 7, "amount": 10, "message": "OK", "rechargeData": {}})
}

fn failed() -> Value {
    json!({"successful": false, "rechargeId": 7, "amount": 10, "message": "No", "rechargeData": {}})
}

fn errors() -> [Value; 3] {
    [
        json!({"type": "t", "title": "x", "status": 400, "errors": {"a": ["b"]}}),
        json!({"errors": [{"name": "a", "message": "b"}]}),
        json!({"errors": ["b"]}),
    ]
}

#[test]
fn what_never_left_was_not_sent_and_what_has_no_answer_is_in_doubt() {
    let obstacle = Obstacle("no connection".into());
    assert_eq!(
        classify(Delivery::NotSent(obstacle.clone()), AIRTIME),
        Verdict::NotSent(obstacle)
    );
    for loss in [Loss::Timeout, Loss::Disconnected, Loss::Unreadable] {
        assert_eq!(
            classify(Delivery::MaybeSent(loss.clone()), AIRTIME),
            Verdict::Ambiguous(Doubt::Lost(loss))
        );
    }
}

#[test]
fn a_success_is_one_with_status_200_only() {
    for status in [200, 201, 202, 204, 301, 400, 401, 404, 409, 429, 500, 503] {
        let word = json_answered(status, &sold(), AIRTIME).word();
        assert_eq!(
            word,
            if status == 200 { "vended" } else { "ambiguous" },
            "{status}"
        );
    }
}

#[test]
fn a_failure_is_final_at_once_for_airtime_and_data_only() {
    for status in [200, 400] {
        for kind in [Kind::Airtime, Kind::Bundle] {
            let verdict = json_answered(status, &failed(), of(kind));
            assert!(
                matches!(verdict, Verdict::Refused(_, Witness::None)),
                "{verdict:?}"
            );
        }
        for kind in [Kind::Electricity, Kind::Other] {
            assert_eq!(json_answered(status, &failed(), of(kind)), perhaps());
        }
    }
    for status in [201, 404, 409, 422, 429, 500] {
        assert_eq!(
            json_answered(status, &failed(), AIRTIME).word(),
            "ambiguous",
            "{status}"
        );
    }
}

#[test]
fn a_reservation_sells_nothing_so_its_failure_is_final_whatever_it_is_of() {
    let manner = Manner {
        sells: false,
        kind: Kind::Electricity,
    };
    let verdict = json_answered(200, &failed(), manner);
    assert!(
        matches!(verdict, Verdict::Refused(_, Witness::None)),
        "{verdict:?}"
    );
}

#[test]
fn each_shape_of_an_error_refuses_with_status_400_only() {
    for body in errors() {
        for kind in [Kind::Airtime, Kind::Electricity, Kind::Other] {
            let verdict = json_answered(400, &body, of(kind));
            assert!(
                matches!(verdict, Verdict::Refused(_, Witness::None)),
                "{verdict:?}"
            );
        }
        for status in [200, 404, 409, 422, 429, 500, 503] {
            assert_eq!(
                json_answered(status, &body, AIRTIME).word(),
                "ambiguous",
                "{status}"
            );
        }
    }
}

#[test]
fn words_of_a_duplicate_or_of_something_unfinished_take_a_refusal_back() {
    for (text, duplicate) in [("duplicate reference", true), ("still pending", false)] {
        let bodies = [json!({"errors": [text]}), json!({"errors": {"a": [text]}})];
        for body in bodies {
            let verdict = json_answered(400, &body, AIRTIME);
            let is_duplicate = verdict == Verdict::Ambiguous(Doubt::Duplicate);
            assert_eq!((verdict.word(), is_duplicate), ("ambiguous", duplicate));
        }
    }
    let mut body = failed();
    body["message"] = json!("it was already made");
    assert_eq!(
        json_answered(200, &body, AIRTIME),
        Verdict::Ambiguous(Doubt::Duplicate)
    );
    body["message"] = json!("in progress");
    let unfinished = Verdict::Ambiguous(Doubt::Unlisted(UNFINISHED.into()));
    assert_eq!(json_answered(200, &body, AIRTIME), unfinished);
}

#[test]
fn words_of_something_unfinished_are_never_outwaited() {
    let mut body = failed();
    body["message"] = json!("Transaction is pending at the network");
    let body = reading::body(body.to_string().as_bytes());
    for sells in [true, false] {
        for kind in [Kind::Airtime, Kind::Electricity, Kind::Other] {
            let manner = Manner { sells, kind };
            let asked = || panic!("whether time has passed is not asked");
            let found = finding(&body, manner, asked);
            assert_eq!(found, Finding::Inconclusive(UNFINISHED.into()), "{kind:?}");
        }
    }
}

#[test]
fn tokens_in_the_answer_to_what_sells_nothing_are_a_sale_that_a_person_must_look_at() {
    for data in [
        json!({"Token": "1234 5678 9012 3456 7890"}),
        json!({"Tokens": [null]}),
        json!({"Pin": "99"}),
    ] {
        let mut body = sold();
        body["rechargeData"] = data;
        for kind in [Kind::Airtime, Kind::Electricity, Kind::Other] {
            let manner = Manner { sells: false, kind };
            let doubt = Verdict::Ambiguous(Doubt::Unlisted(SOLD_ANYWAY.into()));
            assert_eq!(json_answered(200, &body, manner), doubt, "{body}");
            let read = reading::body(body.to_string().as_bytes());
            let found = finding(&read, manner, || true);
            assert_eq!(found, Finding::Differs(SOLD_ANYWAY.into()), "{body}");
            assert_eq!(json_answered(200, &body, of(kind)).word(), "vended");
        }
    }
}

#[test]
fn http_401_without_a_body_is_the_token_and_is_not_believed_at_once() {
    for body in ["", " \r\n"] {
        let verdict = answered(401, body.as_bytes(), AIRTIME);
        assert!(
            matches!(verdict, Verdict::Refused(_, Witness::Windows)),
            "{verdict:?}"
        );
    }
    assert_eq!(answered(401, b"<html>", AIRTIME).word(), "ambiguous");
}

#[test]
fn http_429_is_a_repeated_reference_and_http_503_a_service_that_is_busy() {
    assert_eq!(
        answered(429, b"", AIRTIME),
        Verdict::Ambiguous(Doubt::Duplicate)
    );
    let busy = Verdict::Ambiguous(Doubt::Busy { retry_after: None });
    assert_eq!(answered(503, b"", AIRTIME), busy);
}

#[test]
fn a_past_answer_means_the_same_without_its_status_and_may_still_be_pending() {
    let found = |body: &Value, kind, settled| {
        finding(
            &reading::body(body.to_string().as_bytes()),
            of(kind),
            || settled,
        )
        .word()
    };
    for settled in [false, true] {
        assert_eq!(found(&sold(), Kind::Electricity, settled), "vended");
        assert_eq!(found(&failed(), Kind::Airtime, settled), "failed");
        for body in errors() {
            assert_eq!(found(&body, Kind::Electricity, settled), "failed");
        }
        let problem = json!({"title": "x", "status": 500, "detail": "y"});
        for body in [
            json!({}),
            json!([]),
            json!("x"),
            problem,
            json!({"errors": ["duplicate"]}),
        ] {
            assert_eq!(
                found(&body, Kind::Airtime, settled),
                "inconclusive",
                "{body}"
            );
        }
    }
    for kind in [Kind::Electricity, Kind::Other] {
        assert_eq!(found(&failed(), kind, false), "inconclusive");
        assert_eq!(found(&failed(), kind, true), "failed");
    }
}

/// Any JSON, with the service's own names in it more often than not.
fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("successful".to_owned()),
        Just("rechargeId".to_owned()),
        Just("errors".to_owned()),
        Just("status".to_owned()),
        Just("message".to_owned()),
        Just("rechargeData".to_owned()),
        Just("balance".to_owned()),
        "[a-zA-Z]{0,6}",
    ];
    scalar.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_in_doubt_and_never_panic(status in 100..600_u16, body in prop::collection::vec(any::<u8>(), 0..200)) {
        let verdict = answered(status, &body, AIRTIME);
        prop_assert!(matches!(verdict, Verdict::Ambiguous(_)) || status == 401);
    }

    #[test]
    fn only_what_the_table_lists_is_ever_a_sale_or_a_refusal(status in prop_oneof![Just(200_u16), Just(400), 100..600_u16], body in any_json()) {
        let verdict = json_answered(status, &body, AIRTIME);
        match verdict {
            Verdict::Vended(_) => {
                prop_assert_eq!(status, 200);
                prop_assert_eq!(&body["successful"], &json!(true));
            }
            Verdict::Refused(..) => {
                prop_assert!(matches!(status, 200 | 400));
                let failed = body["successful"] == json!(false) && body["rechargeId"].as_i64().is_some();
                let error = status == 400 && !body["errors"].is_null() && body["successful"].is_null();
                prop_assert!(failed || error, "{}", body);
            }
            Verdict::Ambiguous(_) => {}
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
