use super::*;

const JSON: Option<&str> = Some("application/json");

fn smartcall(path: &str, status: u16, kind: Option<&str>, body: &str) -> Result<(), String> {
    let answer = Answer {
        status: StatusCode::from_u16(status).unwrap_or_default(),
        content_type: kind,
        body: body.as_bytes(),
    };
    check(Api::Smartcall, &Method::GET, path, &answer)
}

const BALANCE: &str = "/smartload/balance/{smartloadId}";

#[test]
fn a_documented_answer_holds() {
    let good = r#"{"error":null,"responseCode":"SUCCESS","balance":100000.0000}"#;
    assert_eq!(smartcall(BALANCE, 200, JSON, good), Ok(()));
    let foreign = r#"{"code":400,"message":"not yours"}"#;
    assert_eq!(smartcall(BALANCE, 403, JSON, foreign), Ok(()));
}

#[test]
fn what_departs_is_named_with_its_operation_and_its_place() {
    for (status, kind, body, part) in [
        (200, JSON, r#"{"balance":"100"}"#, "/balance"),
        (200, JSON, r#"{"error":{"code":"1"}}"#, "/error"),
        (200, JSON, r#"{"ballance":1}"#, "ballance"),
        (200, JSON, "not json", "no JSON"),
        (200, Some("text/html"), "{}", "content type"),
        (400, JSON, r#"{"code":1,"message":""}"#, "status"),
        (404, JSON, "{}", "status"),
    ] {
        let answer = smartcall(BALANCE, status, kind, body);
        let what = answer.map_or_else(|what| what, |()| String::new());
        assert!(what.contains("getBalance"), "{body}: {what}");
        assert!(what.contains(part), "{body}: {what}");
    }
}

#[test]
fn what_the_server_says_before_an_operation_holds_everywhere() {
    let html = Some("text/html;charset=utf-8");
    for (path, status, kind, body) in [
        (BALANCE, 404, None, ""),
        ("/nowhere", 404, None, ""),
        (BALANCE, 413, html, "<html/>"),
        (BALANCE, 415, html, "<html/>"),
    ] {
        assert_eq!(
            smartcall(path, status, kind, body),
            Ok(()),
            "{path} {status}"
        );
    }
    assert!(smartcall("/nowhere", 200, JSON, "{}").is_err());
}

#[test]
fn an_archive_is_not_read_and_an_unchanged_list_is_empty() {
    let order = "/smartload/batchorders/{smartloadId}/{clientReference}";
    assert_eq!(
        smartcall(order, 200, Some("application/octet-stream"), "PK"),
        Ok(())
    );
    assert!(smartcall(order, 200, JSON, "{}").is_err());
    assert_eq!(smartcall("/smartload/networks", 304, None, ""), Ok(()));
    assert!(smartcall("/smartload/networks", 304, JSON, "{}").is_err());
}

#[test]
fn the_schemas_of_both_documents_can_be_compiled() {
    for api in Api::ALL {
        let document = Document::of(api);
        let schemas = document.openapi["components"]["schemas"].as_object();
        let names: Vec<_> = schemas
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .collect();
        assert!(names.len() > 10, "{api}: {names:?}");
        for name in names {
            let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
            assert_eq!(document.validator(&schema).map(|_| ()), Ok(()), "{name}");
        }
    }
}

#[test]
#[should_panic(expected = "departed")]
fn a_sandbox_that_departed_does_not_end_in_peace() {
    let violations = Violations::default();
    violations.push("getBalance".to_owned());
    violations.assert_none();
}
