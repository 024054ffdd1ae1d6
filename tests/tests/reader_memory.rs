//! No document makes the reader hold more than a multiple of its length. One test alone in its process, since the
//! counting is for the process.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use peak_alloc::PeakAlloc;
use recharge_spec::diff::diff;
use recharge_spec::{Api, normalise, read};
use serde_json::json;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A value takes about 80 bytes and can be written in two, and what is shared may unfold to 20 times itself.
const PER_BYTE: usize = 1_000;

/// Whatever the length: the aliases of a YAML text may unfold to 100 000 values.
const ALWAYS: usize = 32 * 1024 * 1024;

fn most(bytes: &[u8]) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    if let Ok(openapi) = read(bytes).and_then(recharge_spec::Document::into_openapi) {
        drop(normalise::normalise(&openapi));
        drop(diff(&openapi, &openapi));
    }
    MEMORY.peak_usage().saturating_sub(before)
}

#[test]
fn memory_stays_within_a_multiple_of_the_length() {
    let wide = format!(
        r#"{{"swagger":"2.0","paths":{{}},"x-a":[{}0]}}"#,
        "0,".repeat(100_000)
    );
    let types: Vec<String> = (0..5_000).map(|number| format!("a/{number}")).collect();
    let values: Vec<usize> = (0..5_000).collect();
    let bomb = json!({
        "swagger": "2.0", "consumes": types, "produces": types,
        "paths": { "/a": { "post": {
            "parameters": [{ "name": "b", "in": "body", "schema": { "enum": values } }],
            "responses": { "200": { "description": "", "schema": { "enum": values } } }
        } } }
    });
    let mut aliases = String::from("openapi: 3.0.0\npaths: {}\na0: &a0 [x,x,x,x,x,x,x,x]\n");
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 8].join(",");
        aliases.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    let texts = [
        ("Smartcall", Api::Smartcall.document().to_owned()),
        ("HOT", Api::Hot.document().to_owned()),
        ("a wide one", wide),
        ("many media types", bomb.to_string()),
        ("aliases", aliases),
        ("deep", "[".repeat(200_000)),
    ];
    for (what, text) in texts {
        let most = most(text.as_bytes());
        let limit = ALWAYS + PER_BYTE * text.len();
        eprintln!(
            "{what}: {most} bytes for {}, {} per byte",
            text.len(),
            most / text.len()
        );
        assert!(most < limit, "{what}: {most} bytes for {}", text.len());
    }
}
