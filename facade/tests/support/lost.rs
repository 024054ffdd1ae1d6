//! Answers that are none.

use serde_json::json;

use super::service::{Reply, failed, html, json_reply, text_reply};

/// Sales that were lost in every way in which an answer can be lost or be none.
pub fn lost_answers() -> Vec<(&'static str, Reply)> {
    vec![
        ("no byte, then the end", Reply::Close),
        ("torn down", Reply::Reset),
        ("half a status line", Reply::HalfAStatusLine),
        (
            "a success that is cut",
            Reply::Cut(200, r#"{"error":null,"statusCode":0"#.into()),
        ),
        (
            "a refusal that is cut",
            Reply::Cut(400, r#"{"code":9,"message":"x"}"#.into()),
        ),
        ("HTTP 500", html(500)),
        ("HTTP 502", text_reply(502, "text/plain", "Bad Gateway")),
        ("HTTP 504", text_reply(504, "text/plain", "")),
        (
            "HTTP 500 that says success",
            json_reply(500, json!({"error": null, "statusCode": 0})),
        ),
        ("HTTP 500 that says failure", failed(500, Some(2), 9)),
        (
            "a success with another status",
            json_reply(201, json!({"error": null, "statusCode": 0})),
        ),
        (
            "a success without a statusCode",
            json_reply(200, json!({"error": null, "statusCode": null})),
        ),
        (
            "a statusCode beside a filled error",
            failed(200, Some(0), 9),
        ),
        (
            "HTTP 400 without an error",
            json_reply(400, json!({"error": null, "statusCode": 0})),
        ),
        ("an HTML page as success", html(200)),
        ("an empty success", text_reply(200, "application/json", "")),
        ("an HTML page as refusal", html(400)),
        ("somebody else's 401", html(401)),
        ("HTTP 408", text_reply(408, "text/plain", "")),
        ("HTTP 429", text_reply(429, "text/plain", "")),
    ]
}
