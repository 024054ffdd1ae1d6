//! A service on this machine, for tests: what a request must be and what is answered, in the types of the bindings.
//!
//! Rule: **a mock takes a request only for what it is.** It is of an operation only when the table of operations says so,
//! at any base URL; its body matches to the last digit; and what is answered has the digits that were given.
//!
//! For each operation a `when`, with a matcher for each parameter, the body and the authorization, and a `then`, with one
//! function for each documented answer. `into_inner()` leads to plain [`httpmock`], for what is not documented: HTML, a
//! delay, an answer that is given only so often.
//!
//! ```
//! use httpmock::MockServer;
//! use recharge_bindings::mock::smartcall::MockServerExt as _;
//! use recharge_bindings::smartcall::{Client, types};
//! use recharge_bindings::{Direct, reqwest};
//!
//! # fn json<T: serde::de::DeserializeOwned>(json: &str) -> T { serde_json::from_str(json).unwrap() }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let server = MockServer::start();
//! let found = server.get_balance(|when, then| {
//!     when.smartload_id("27810000001");
//!     then.ok(&json::<types::BalanceResponse>(r#"{"balance":100000.0000}"#));
//! });
//! let refused = server.get_balance(|when, then| {
//!     when.smartload_id("27810000002");
//!     then.forbidden(&types::Error::default());
//! });
//!
//! let http = reqwest::Client::new();
//! let client = Client::new_with_client(&server.base_url(), http, std::sync::Arc::new(Direct));
//! let balance = client.get_balance("27810000001").await?.into_inner();
//! assert_eq!(balance.balance.value().map(ToString::to_string).as_deref(), Some("100000.0000"));
//! assert!(client.get_balance("27810000002").await.is_err());
//! found.assert();
//! refused.assert();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![allow(dead_code)]
// A specification needs some of these, seldom all.
// Here a panic is how a test hears that it asked for something impossible.
#![allow(clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::OnceLock;

use httpmock::{HttpMockRequest, Then, When};
use progenitor_client::{QueryParam, RequestBuilderExt as _, encode_path};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::Operation;

/// Smartcall V3 (South Africa).
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod smartcall {
    include!(concat!(env!("OUT_DIR"), "/smartcall_mock.rs"));
}

/// HOT Recharge v3 (Zimbabwe).
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod hot {
    include!(concat!(env!("OUT_DIR"), "/hot_mock.rs"));
}

/// Any request of an operation.
pub(crate) fn operation(when: When, operations: &'static [Operation], id: &'static str) -> When {
    when.is_true(move |request| {
        found(operations, request).is_some_and(|(operation, _)| operation.id == id)
    })
}

/// A parameter of the path, by its position.
pub(crate) fn path(
    when: When,
    operations: &'static [Operation],
    id: &'static str,
    position: usize,
    value: &dyn Display,
) -> When {
    let expected = encode_path(&value.to_string());
    when.is_true(move |request| {
        let Some((operation, path)) = found(operations, request) else {
            return false;
        };
        let pairs = operation.path.split('/').zip(path.split('/'));
        let mut values = pairs.filter(|(template, _)| template.starts_with('{'));
        operation.id == id
            && values
                .nth(position)
                .is_some_and(|(_, value)| value == expected)
    })
}

/// The operation that a request is of, and its path without that of the base URL. Among several it is the one with the
/// longest path, and then the one that leaves the least to parameters.
fn found(
    operations: &'static [Operation],
    request: &HttpMockRequest,
) -> Option<(&'static Operation, String)> {
    let uri = request.uri();
    let whole = uri.path();
    let starts = whole.match_indices('/').map(|(at, _)| at);
    starts.map(|at| &whole[at..]).find_map(|path| {
        let matching = operations
            .iter()
            .filter(|operation| operation.matches(request.method_str(), path));
        matching
            .min_by_key(|operation| operation.path.matches('{').count())
            .map(|operation| (operation, path.to_owned()))
    })
}

/// A query parameter as the client writes it, or that it is absent.
pub(crate) fn query<T: Serialize>(when: When, name: &'static str, value: Option<&T>) -> When {
    let Some(value) = value else {
        return when.query_param_missing(name);
    };
    let request = requests()
        .get(ANYWHERE)
        .query(&QueryParam::new(name, value));
    let url = built(request).url().clone();
    let expected: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    when.is_true(move |request| {
        let mut given = request.query_params();
        given.retain(|(given, _)| given == name);
        given == expected
    })
}

/// A header, or that it is absent.
pub(crate) fn header<T: Display>(when: When, name: &'static str, value: Option<&T>) -> When {
    match value {
        Some(value) => when.header(name, value.to_string()),
        None => when.header_missing(name),
    }
}

/// A token.
pub(crate) fn bearer(when: When, token: &str) -> When {
    when.header("Authorization", format!("Bearer {token}"))
}

/// A user name and a password.
pub(crate) fn basic(when: When, username: &str, password: &str) -> When {
    let request = built(
        requests()
            .get(ANYWHERE)
            .basic_auth(username, Some(password)),
    );
    let header = request.headers().get(reqwest::header::AUTHORIZATION);
    let header = header.and_then(|header| header.to_str().ok());
    when.header("Authorization", header.unwrap_or_default())
}

/// A JSON body with exactly these members and digits.
pub(crate) fn body<T: Serialize>(when: When, value: &T) -> When {
    let expected = text(value);
    when.header("Content-Type", "application/json")
        .is_true(move |request| {
            let given = serde_json::from_slice::<&RawValue>(request.body_ref());
            let expected = serde_json::from_str::<&RawValue>(&expected);
            matches!((given, expected), (Ok(given), Ok(expected)) if same(given, expected))
        })
}

/// A JSON body of which something is true.
pub(crate) fn body_where<T: DeserializeOwned>(
    when: When,
    is: impl Fn(&T) -> bool + Send + Sync + 'static,
) -> When {
    when.is_true(move |request| {
        serde_json::from_slice(request.body_ref()).is_ok_and(|body| is(&body))
    })
}

/// A form.
pub(crate) fn form<T: Serialize>(when: When, value: &T) -> When {
    let request = requests().post(ANYWHERE);
    let request: Result<_, progenitor_client::Error<()>> = request.form_urlencoded(value);
    let request = request.unwrap_or_else(|error| panic!("this is no form: {error}"));
    let body = built(request);
    let body = body.body().and_then(reqwest::Body::as_bytes);
    bytes(
        when.header("Content-Type", "application/x-www-form-urlencoded"),
        body.unwrap_or_default(),
    )
}

/// A body of these bytes.
pub(crate) fn bytes(when: When, value: &[u8]) -> When {
    let expected = value.to_vec();
    when.is_true(move |request| request.body_ref() == expected)
}

/// An answer in JSON.
pub(crate) fn json<T: Serialize + ?Sized>(then: Then, status: u16, media: &str, value: &T) -> Then {
    raw(then, status, media, text(value).as_bytes())
}

/// An answer of bytes.
pub(crate) fn raw(then: Then, status: u16, media: &str, value: &[u8]) -> Then {
    then.status(status)
        .header("Content-Type", media)
        .body(value)
}

/// An answer without a body.
pub(crate) fn empty(then: Then, status: u16) -> Then {
    then.status(status)
}

/// The status for an answer that is documented for a whole class, or for the rest.
pub(crate) fn in_class(class: u16, status: u16) -> u16 {
    assert!(
        class == 0 || status / 100 == class,
        "status {status} is not of the class {class}"
    );
    status
}

/// Nothing is sent there.
const ANYWHERE: &str = "http://localhost/";

/// Builds requests, so that they are written here as the client writes them. Nothing is sent.
fn requests() -> &'static reqwest::Client {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    CLIENT.get_or_init(reqwest::Client::new)
}

fn built(request: reqwest::RequestBuilder) -> reqwest::Request {
    request
        .build()
        .unwrap_or_else(|error| panic!("this cannot be sent: {error}"))
}

fn text<T: Serialize + ?Sized>(value: &T) -> String {
    // Not by way of a value: that would pass money through a float.
    serde_json::to_string(value).unwrap_or_else(|error| panic!("this is no JSON: {error}"))
}

/// Whether two texts say the same: members in any order, numbers digit by digit.
fn same(one: &RawValue, other: &RawValue) -> bool {
    let (one, other) = (one.get(), other.get());
    match (one.as_bytes().first(), other.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => {
            let (one, other) = (members(one), members(other));
            one.len() == other.len()
                && one.iter().all(|(name, one)| {
                    let other = other.get(name);
                    other.is_some_and(|other| all_same(one, other))
                })
        }
        (Some(b'['), Some(b'[')) => all_same(&items(one), &items(other)),
        (Some(b'"'), Some(b'"')) => {
            let string = |text| serde_json::from_str::<String>(text).ok();
            string(one) == string(other)
        }
        _ => one == other,
    }
}

fn all_same(one: &[&RawValue], other: &[&RawValue]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

fn items(text: &str) -> Vec<&RawValue> {
    serde_json::from_str(text).unwrap_or_default()
}

/// All values by name: a member that is sent twice is not the same as one that is sent once.
fn members(text: &str) -> BTreeMap<String, Vec<&RawValue>> {
    struct Members;
    impl<'de> serde::de::Visitor<'de> for Members {
        type Value = BTreeMap<String, Vec<&'de RawValue>>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Self::Value, A::Error> {
            let mut members = Self::Value::new();
            while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                members.entry(name).or_default().push(value);
            }
            Ok(members)
        }
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    serde::Deserializer::deserialize_map(&mut reader, Members).unwrap_or_default()
}
