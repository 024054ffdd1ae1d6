//! What holds of every answer, listed or not.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::smartcall::answers::runtime;

/// A case of the property test: the parts of an answer, as JSON texts; an empty text leaves the member out.
#[derive(Clone, Debug)]
struct Parts {
    status: u16,
    error: String,
    status_code: String,
    response_code: String,
    bare: bool,
}

impl Parts {
    fn body(&self) -> String {
        if self.bare {
            return self.error.clone();
        }
        let members = [
            ("error", &self.error),
            ("statusCode", &self.status_code),
            ("responseCode", &self.response_code),
        ];
        let members: Vec<String> = members
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!(r#""{name}":{value}"#))
            .collect();
        format!("{{{}}}", members.join(","))
    }

    fn code(&self) -> Option<i64> {
        serde_json::from_str::<serde_json::Value>(&self.error)
            .ok()?
            .get("code")?
            .as_i64()
    }

    fn may_be_vended(&self) -> bool {
        self.status == 200
            && !self.bare
            && self.error == "null"
            && self.status_code == "0"
            && matches!(self.response_code.as_str(), "" | "null" | "\"SUCCESS\"")
    }

    fn may_be_refused_at_once(&self) -> bool {
        const LISTED: [i64; 13] = [3, 5, 6, 8, 9, 10, 12, 15, 17, 18, 19, 1003, 1007];
        let listed = self.code().is_some_and(|code| LISTED.contains(&code));
        match (self.status, self.bare) {
            (403, true) => self.code().is_some(),
            (400, true) => listed,
            (200 | 400, false) => {
                listed
                    && matches!(self.status_code.as_str(), "" | "null" | "2")
                    && self.response_code != "\"SUCCESS\""
            }
            _ => false,
        }
    }
}

fn parts() -> impl Strategy<Value = Parts> {
    let code = prop_oneof![
        3 => prop::sample::select(vec![0_i64, 2, 3, 5, 9, 15, 16, 18, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 2001]),
        1 => -5_i64..3000,
        1 => any::<i32>().prop_map(i64::from),
    ];
    let error = prop_oneof![
        4 => code.prop_map(|code| format!(r#"{{"code":{code},"message":"x"}}"#)),
        2 => Just("null".to_owned()),
        1 => prop::sample::select(vec!["", "{}", "[]", "\"x\"", "false", "0", r#"{"code":"9"}"#, r#"{"code":9.5,"message":"x"}"#]).prop_map(str::to_owned),
    ];
    let status_code = prop_oneof![
        4 => prop::sample::select(vec!["", "null", "0", "1", "2", "3"]).prop_map(str::to_owned),
        1 => (-3_i64..300).prop_map(|code| code.to_string()),
        1 => prop::sample::select(vec!["\"0\"", "\"2\"", "0.0", "{}", "[]", "true", "99999999999999999999"]).prop_map(str::to_owned),
    ];
    let response_code = prop::sample::select(vec![
        "",
        "",
        "",
        "null",
        "\"SUCCESS\"",
        "\"SYS_ERROR\"",
        "\"APP_ERROR\"",
        "0",
        "{}",
    ])
    .prop_map(str::to_owned);
    let status = prop_oneof![
        5 => prop::sample::select(vec![200_u16, 400, 401, 403, 404, 500, 503]),
        1 => 200_u16..600,
    ];
    (status, error, status_code, response_code, any::<bool>()).prop_map(
        |(status, error, status_code, response_code, bare)| Parts {
            status,
            error,
            status_code,
            response_code,
            bare,
        },
    )
}

#[test]
fn only_what_the_tables_list_is_ever_a_sale_or_a_refusal_at_once() {
    let runtime = runtime();
    let mut runner = TestRunner::new(Config {
        cases: 5000,
        failure_persistence: None,
        ..Config::default()
    });
    let tried = runner.run(&parts(), |parts| {
        match runtime.block_on(read(parts.status, parts.body(), AIRTIME)) {
            Verdict::Vended(_) => prop_assert!(parts.may_be_vended()),
            Verdict::Refused(_, Witness::None) => prop_assert!(parts.may_be_refused_at_once()),
            _ => prop_assert!(!parts.may_be_vended()),
        }
        Ok(())
    });
    assert!(tried.is_ok(), "{tried:?}");
}

#[test]
fn arbitrary_bytes_are_in_doubt_and_never_panic() {
    let runtime = runtime();
    let mut runner = TestRunner::new(Config {
        cases: 1500,
        failure_persistence: None,
        ..Config::default()
    });
    let pieces = r#"(\{|\}|\[|\]|:|,|"error"|"code"|"statusCode"|"message"|null|0|2|9|"x"| )"#;
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        prop::collection::vec(pieces, 0..20).prop_map(|pieces| pieces.concat().into_bytes()),
    ];
    let tried = runner.run(&(200_u16..600, body), |(status, body)| {
        let found = runtime.block_on(read(status, body, AIRTIME));
        prop_assert!(!matches!(
            found,
            Verdict::Vended(_) | Verdict::Refused(_, Witness::None)
        ));
        Ok(())
    });
    assert!(tried.is_ok(), "{tried:?}");
}
