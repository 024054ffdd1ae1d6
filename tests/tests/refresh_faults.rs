//! Whatever the server does: the document is pulled in the end, or nothing is touched and the reason is said.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code, reason = "the drill is in the other half of these tests")]
#[path = "refresh/bench.rs"]
mod bench;
#[path = "refresh/server.rs"]
mod server;

use recharge_spec::Api;
use serde_json::{Value, json};
use xtask::refresh::{Options, Outcome};

use bench::{Bench, accepting, checking, from, pretty, saved};
use server::{Answer, Server};

fn changed() -> Vec<u8> {
    let mut document = saved();
    document["info"]["version"] = json!("1.2.16");
    document["definitions"]["Recharge"]["properties"]["extraInfo"] = json!({ "type": "string" });
    pretty(&document)
}

/// Runs with everything accepted against a server that answers so; returns the reason and the number of requests.
#[track_caller]
fn refused(answers: Vec<Answer>) -> (String, usize) {
    let bench = Bench::new();
    let files = bench.files();
    let server = Server::start(answers);
    let error = bench.run(&accepting(&server)).unwrap_err();
    assert_eq!(bench.files(), files);
    (error.to_string(), server.requests().len())
}

#[test]
fn a_dropped_connection_is_tried_again_and_given_up_in_the_end() {
    let (reason, requests) = refused(vec![Answer::Drop]);
    assert_eq!(requests, 4, "{reason}");
}

#[test]
fn a_dropped_connection_that_passes_is_forgotten() {
    let bench = Bench::new();
    let server = Server::start(vec![Answer::Drop, Answer::Document(changed())]);
    assert!(matches!(
        bench.run(&accepting(&server)).unwrap(),
        Outcome::Written(_)
    ));
}

#[test]
fn two_answers_503_are_followed_by_success() {
    let bench = Bench::new();
    let server = Server::start(vec![
        Answer::Status(503, "retry-after: 0\r\n"),
        Answer::Status(503, ""),
        Answer::Document(changed()),
    ]);
    assert!(matches!(
        bench.run(&accepting(&server)).unwrap(),
        Outcome::Written(_)
    ));
    assert_eq!(server.requests().len(), 3);
    assert_eq!(
        bench.text("spec/smartcall/swagger.json").as_bytes(),
        changed()
    );
}

#[test]
fn half_a_body_is_tried_again_and_never_taken() {
    let (reason, requests) = refused(vec![Answer::Half(changed())]);
    assert_eq!(requests, 4, "{reason}");
}

#[test]
fn half_a_body_of_unknown_length_is_no_document() {
    let (reason, requests) = refused(vec![Answer::HalfUnannounced(changed())]);
    assert!(
        reason.contains("refused") && reason.contains("cannot be read"),
        "{reason}"
    );
    assert_eq!(requests, 1);
}

#[test]
fn a_page_is_no_document() {
    let (reason, requests) = refused(vec![Answer::Html]);
    assert!(reason.contains("HTML or XML"), "{reason}");
    assert_eq!(requests, 1);
}

#[test]
fn other_formats_are_refused_by_their_name() {
    let text = |value: Value| vec![Answer::Document(pretty(&value))];
    let (reason, _) = refused(text(json!({ "openapi": "3.1.0", "info": {}, "paths": {} })));
    assert!(
        reason.contains("OpenAPI 3.1.0; only 3.0 is. Missing are"),
        "{reason}"
    );
    let (reason, _) = refused(text(json!({ "swaggerVersion": "1.2", "apis": [] })));
    assert!(reason.contains("Swagger 1.2"), "{reason}");
    let (reason, _) = refused(text(json!({ "error": "not found" })));
    assert!(
        reason.contains("neither `swagger` nor `openapi`"),
        "{reason}"
    );
}

#[test]
fn a_document_of_which_no_bindings_can_be_made_is_refused_as_a_whole() {
    let mut document = saved();
    // The overlay updates it as an object.
    document["definitions"]["NetworkHealth"] =
        json!({ "$ref": "http://elsewhere.example/a.json#/B" });
    let (reason, _) = refused(vec![Answer::Document(pretty(&document))]);
    assert!(reason.contains("another document"), "{reason}");
}

#[test]
fn a_body_beyond_the_limit_is_not_read() {
    let (reason, requests) = refused(vec![Answer::Document(vec![b' '; 20 * 1024 * 1024 + 1])]);
    assert!(reason.contains("more than 20971520 bytes"), "{reason}");
    assert_eq!(requests, 1);
}

#[test]
fn a_refusal_is_not_tried_again_and_says_what_helps() {
    let (reason, requests) = refused(vec![Answer::Status(401, "")]);
    assert!(
        reason.contains("401") && reason.contains("--user"),
        "{reason}"
    );
    assert_eq!(requests, 1);
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let (reason, requests) = refused(vec![Answer::Status(
        302,
        "location: https://127.0.0.1:1/swagger.json\r\n",
    )]);
    assert!(reason.contains("redirect"), "{reason}");
    assert_eq!(requests, 1);
}

#[test]
fn a_certificate_of_an_unknown_root_is_refused_at_once() {
    let bench = Bench::new();
    let server = Server::start(vec![Answer::Document(changed())]);
    let mut options = accepting(&server);
    options.ca_cert = None;
    let error = bench.run(&options).unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn plain_http_is_refused_but_for_this_machine() {
    let bench = Bench::new();
    let mut options = Options::of(Api::Smartcall);
    options.url = Some("http://test.smartcall.co.za/swagger.json".into());
    let error = bench.run(&options).unwrap_err().to_string();
    assert!(error.contains("only https"), "{error}");
}

#[test]
fn a_password_in_the_address_is_refused_and_not_repeated() {
    let bench = Bench::new();
    let mut options = Options::of(Api::Smartcall);
    options.url = Some("https://me:sesame@localhost/swagger.json".into());
    let error = bench.run(&options).unwrap_err().to_string();
    assert!(
        error.contains("--user") && !error.contains("sesame"),
        "{error}"
    );
}

#[test]
fn hot_has_no_address_and_says_so() {
    let error = Bench::new()
        .run(&Options::of(Api::Hot))
        .unwrap_err()
        .to_string();
    assert!(error.contains("no address that we know"), "{error}");
}

#[test]
fn a_user_is_sent_with_the_password_of_the_environment() {
    let bench = Bench::new();
    let server = Server::start(vec![Answer::Document(changed())]);
    let mut options = checking(&server);
    options.user = Some("me".into());
    bench.run(&options).unwrap();
    // me:sesame
    assert!(server.requests()[0].contains("Basic bWU6c2VzYW1l"));
}

#[test]
fn a_document_that_was_not_modified_is_not_sent_again() {
    let bench = Bench::new();
    let server = Server::start(vec![Answer::Tagged(changed(), "-806599889")]);
    bench.run(&accepting(&server)).unwrap();
    let files = bench.files();
    assert_eq!(bench.run(&checking(&server)).unwrap(), Outcome::Unchanged);
    assert!(
        server.requests()[1]
            .to_lowercase()
            .contains("if-none-match: -806599889\r\n")
    );
    assert_eq!(bench.files(), files);
}

#[test]
fn a_document_that_was_edited_since_is_pulled_without_condition() {
    let bench = Bench::new();
    let server = Server::start(vec![Answer::Tagged(changed(), "\"1\"")]);
    bench.run(&accepting(&server)).unwrap();
    let path = bench.root().join("spec/smartcall/swagger.json");
    std::fs::write(&path, pretty(&saved())).unwrap();
    assert!(matches!(
        bench.run(&from(&server)).unwrap(),
        Outcome::Differs(_)
    ));
    assert!(
        !server.requests()[1]
            .to_lowercase()
            .contains("if-none-match")
    );
}

#[test]
fn the_same_document_is_no_difference() {
    let bench = Bench::new();
    let server = Server::start(vec![Answer::Document(Api::Smartcall.document().into())]);
    assert_eq!(bench.run(&checking(&server)).unwrap(), Outcome::Unchanged);
}

#[test]
fn the_lock_and_the_canonical_form_of_what_is_saved_are_up_to_date() {
    let bench = Bench::new();
    let files = bench.files();
    for api in Api::ALL {
        let mut options = Options::of(api);
        options.file = Some(bench.root().join("spec").join(api.document_path()));
        assert_eq!(bench.run(&options).unwrap(), Outcome::Unchanged);
    }
    let differing: Vec<_> = files
        .iter()
        .zip(bench.files())
        .filter(|(old, new)| *old != (&new.0, &new.1))
        .collect();
    assert!(
        differing.is_empty(),
        "run `cargo xtask refresh-spec {{smartcall,hot}} --file` on the saved document"
    );
    assert_eq!(bench.files().len(), files.len());
    assert_eq!(bench.lock()["origin"], "reconstruction");
}
