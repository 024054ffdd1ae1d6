//! Real exchanges are read and written again without the loss of a digit.
//!
//! The recordings of the vendor's services are not part of this repository. When they lie beside the checkout, in
//! `../shared/sources`, every one of them is tried; the examples in `tests/examples` always are. One runner does both.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use recharge_bindings::{Operation, hot, smartcall, source};
use recharge_spec::Api;
use recharge_tests::digits::canonical;
use recharge_tests::surface::{Body, Surface};
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// What came back of a body, and how it prints.
struct Trip {
    json: String,
    debug: String,
}

fn there_and_back<T: DeserializeOwned + Serialize + Debug>(json: &str) -> Result<Trip, String> {
    let value: T = serde_json::from_str(json).map_err(|error| error.to_string())?;
    Ok(Trip {
        json: serde_json::to_string(&value).map_err(|error| error.to_string())?,
        debug: format!("{value:?}"),
    })
}

fn smartcall_trip(name: &str, json: &str) -> Option<Result<Trip, String>> {
    use smartcall::types;
    include!(concat!(env!("OUT_DIR"), "/smartcall_types.rs"))
}

fn hot_trip(name: &str, json: &str) -> Option<Result<Trip, String>> {
    use hot::types;
    include!(concat!(env!("OUT_DIR"), "/hot_types.rs"))
}

struct Service {
    /// The paths of the servers, which a recorded path may begin with.
    bases: fn() -> &'static [String],
    operations: &'static [Operation],
    trip: fn(&str, &str) -> Option<Result<Trip, String>>,
    source: &'static str,
    /// Whether the service reads the names of a request's members without regard to case.
    folds_case: bool,
    /// What the body of an undocumented answer most likely is, by status.
    by_status: fn(u16) -> &'static str,
}

const SMARTCALL: Service = Service {
    bases: || {
        static BASES: LazyLock<Vec<String>> = LazyLock::new(|| bases(Api::Smartcall));
        &BASES
    },
    operations: smartcall::OPERATIONS,
    trip: smartcall_trip,
    source: source::SMARTCALL,
    folds_case: false,
    by_status: |status| match status {
        401 | 429 => "AuthResponse",
        200..300 => "BaseResponse",
        _ => "Error",
    },
};

const HOT: Service = Service {
    bases: || {
        static BASES: LazyLock<Vec<String>> = LazyLock::new(|| bases(Api::Hot));
        &BASES
    },
    operations: hot::OPERATIONS,
    trip: hot_trip,
    source: source::HOT,
    folds_case: true,
    by_status: |status| match status {
        400..500 => "BusinessProblems",
        _ => "Problem",
    },
};

fn bases(api: Api) -> Vec<String> {
    let openapi = recharge_spec::openapi(api).unwrap();
    let servers = openapi["servers"].as_array().into_iter().flatten();
    let urls = servers.filter_map(|server| server["url"].as_str());
    urls.filter_map(|url| url.splitn(4, '/').nth(3).map(|base| format!("/{base}")))
        .collect()
}

/// One file: an exchange with method and path, or one half of it with an operationId.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recording {
    operation_id: Option<String>,
    request: Option<Box<RawValue>>,
    response: Option<Box<RawValue>>,
    status: Option<u16>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    body: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    body: Option<Box<RawValue>>,
}

/// What a recording says, whatever its form.
struct Exchange {
    operation: Option<&'static Operation>,
    /// How the operation is called when the document does not know it.
    asked: String,
    request: Option<Box<RawValue>>,
    response: Option<(u16, Option<Box<RawValue>>)>,
}

impl Service {
    fn read(&self, text: &str) -> Result<Exchange, String> {
        let recording: Recording = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if let Some(id) = &recording.operation_id {
            return Ok(Exchange {
                operation: self.operations.iter().find(|operation| operation.id == id),
                asked: id.clone(),
                request: recording.request,
                response: recording
                    .response
                    .map(|body| (recording.status.unwrap_or(200), Some(body))),
            });
        }
        let half =
            |half: Option<Box<RawValue>>| half.ok_or("neither an operationId nor both halves");
        let request: Request =
            serde_json::from_str(half(recording.request)?.get()).map_err(|e| e.to_string())?;
        let response: Response =
            serde_json::from_str(half(recording.response)?.get()).map_err(|e| e.to_string())?;
        Ok(Exchange {
            operation: self.find(&request.method, &request.path),
            asked: format!("{} {}", request.method, request.path),
            request: request.body,
            response: Some((response.status, response.body)),
        })
    }

    /// The operation of a request; the path may have the base path of a server before it.
    fn find(&self, method: &str, path: &str) -> Option<&'static Operation> {
        let path = path.split('?').next().unwrap_or_default();
        let paths: Vec<String> = (self.bases)()
            .iter()
            .filter_map(|base| path.strip_prefix(base).map(str::to_owned))
            .chain([path.to_owned()])
            .collect();
        let matching = self
            .operations
            .iter()
            .filter(|operation| paths.iter().any(|path| operation.matches(method, path)));
        // A path that says more in its own words is meant rather than one with parameters.
        matching.min_by_key(|operation| operation.path.matches('{').count())
    }

    /// Tries a recording. What is worth a look but not wrong goes to `notes`.
    fn check(&self, name: &str, text: &str, notes: &mut Vec<String>) -> Result<usize, String> {
        let exchange = self.read(text)?;
        let mut bodies = 0;
        if exchange.operation.is_none() {
            notes.push(format!(
                "{name}: the document has no {} (removed?); read by status",
                exchange.asked
            ));
        }
        if let Some(body) = &exchange.request {
            bodies += self.check_request(name, &exchange, body.get(), notes)?;
        }
        let Some((status, Some(body))) = &exchange.response else {
            notes.push(format!("{name}: no answer, or one without a body"));
            return Ok(bodies);
        };
        let documented: Vec<&str> = exchange
            .operation
            .map(|operation| {
                operation
                    .types(*status)
                    .filter(|ty| !ty.is_empty())
                    .collect()
            })
            .unwrap_or_default();
        if body.get().starts_with('"') && !documented.contains(&"String") {
            // HTML, or plain text. A success like that would be an answer that cannot be read.
            notes.push(format!(
                "{name}: {status} with a body that is no JSON; it arrives as it is"
            ));
            return Ok(bodies);
        }
        if documented == ["bytes"] {
            return Ok(bodies);
        }
        if documented.is_empty() && exchange.operation.is_some() {
            notes.push(format!(
                "{name}: the document knows no body of a {status}; read by status"
            ));
        }
        let types = if documented.is_empty() {
            vec![(self.by_status)(*status)]
        } else {
            documented
        };
        // Of several possible types one fits; what is odd about the others is no news.
        let mut odd = Vec::new();
        for ty in &types {
            let mut here = Vec::new();
            bodies += self.round(name, ty, body.get(), &mut here)?;
            odd.push(here);
        }
        if odd.iter().all(|here| !here.is_empty()) {
            notes.extend(odd.concat());
        }
        Ok(bodies)
    }

    fn check_request(
        &self,
        name: &str,
        exchange: &Exchange,
        body: &str,
        notes: &mut Vec<String>,
    ) -> Result<usize, String> {
        let Some(ty) = exchange.operation.and_then(|operation| operation.request) else {
            notes.push(format!(
                "{name}: a request body that the document does not know"
            ));
            return Ok(0);
        };
        let body = match self.in_our_case(ty, body) {
            Some(renamed) => {
                notes.push(format!("{name}: names of a request in another case"));
                renamed
            }
            None => body.to_owned(),
        };
        let refused = exchange
            .response
            .as_ref()
            .is_some_and(|(status, _)| *status >= 400);
        match self.round(name, ty, &body, notes) {
            Err(why) if refused => {
                notes.push(format!("{why}; the service refused it too"));
                Ok(0)
            }
            other => other,
        }
    }

    /// The same request with the names of the document, when its names differ from them in case only.
    fn in_our_case(&self, ty: &str, body: &str) -> Option<String> {
        if !self.folds_case {
            return None;
        }
        let surface = Surface::read(self.source).unwrap();
        let Some(Body::Object { members, .. }) = surface.types.get(ty) else {
            return None;
        };
        let given: BTreeMap<String, Box<RawValue>> = serde_json::from_str(body).ok()?;
        let ours = |name: &str| {
            let same = members
                .iter()
                .find(|member| member.wire.eq_ignore_ascii_case(name));
            same.map_or(name.to_owned(), |member| member.wire.clone())
        };
        if given.keys().all(|name| ours(name) == *name) {
            return None;
        }
        let renamed: BTreeMap<String, Box<RawValue>> = given
            .into_iter()
            .map(|(name, value)| (ours(&name), value))
            .collect();
        serde_json::to_string(&renamed).ok()
    }

    fn round(
        &self,
        name: &str,
        ty: &str,
        body: &str,
        notes: &mut Vec<String>,
    ) -> Result<usize, String> {
        let trip = (self.trip)(ty, body).ok_or_else(|| format!("{name}: no type {ty}"))?;
        let trip = trip.map_err(|error| format!("{name}: cannot be read as {ty}: {error}"))?;
        let (came, went) = (canonical(body)?, canonical(&trip.json)?);
        if came != went {
            return Err(format!("{name} as {ty}: came as\n{came}\nwent as\n{went}"));
        }
        if trip.debug.contains("Other(") {
            notes.push(format!(
                "{name} as {ty}: a member of another type: {}",
                trip.debug
            ));
        } else if trip.debug.contains("extra: [") {
            notes.push(format!(
                "{name} as {ty}: members that the document does not name: {}",
                trip.debug
            ));
        }
        Ok(1)
    }

    /// Tries all recordings of a folder.
    fn check_all(&self, folder: &Path) -> (usize, Vec<String>) {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "json")
            })
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{} has no recordings", folder.display());
        let (mut bodies, mut notes, mut wrong) = (0, Vec::new(), Vec::new());
        for file in &files {
            let name = file.file_stem().unwrap().to_string_lossy();
            match self.check(&name, &std::fs::read_to_string(file).unwrap(), &mut notes) {
                Ok(some) => bodies += some,
                Err(why) => wrong.push(why),
            }
        }
        for note in &notes {
            eprintln!("note: {note}");
        }
        assert!(
            wrong.is_empty(),
            "{} of {} recordings:\n{}",
            wrong.len(),
            files.len(),
            wrong.join("\n")
        );
        eprintln!(
            "{}: {} files, {bodies} bodies, there and back",
            folder.display(),
            files.len()
        );
        (bodies, notes)
    }
}

/// A folder of recordings beside the checkout, or nothing, said aloud.
fn beside_the_checkout(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = root.join("../shared/sources").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    aloud(&format!(
        "SKIPPED: there are no recordings at {}",
        folder.display()
    ));
    None
}

#[test]
fn every_recorded_exchange_with_smartcall_comes_back_digit_by_digit() {
    if let Some(folder) = beside_the_checkout("smartcall-recordings") {
        let (bodies, _) = SMARTCALL.check_all(&folder);
        assert!(bodies > 0);
    }
}

#[test]
fn every_example_of_hot_comes_back_digit_by_digit() {
    if let Some(folder) = beside_the_checkout("hot-examples") {
        let (bodies, _) = HOT.check_all(&folder);
        assert!(bodies > 0);
    }
}

#[test]
fn our_own_examples_of_smartcall_come_back_and_what_is_odd_in_them_is_noticed() {
    let (bodies, notes) =
        SMARTCALL.check_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/smartcall"));
    assert_eq!(bodies, 8);
    insta::assert_snapshot!("own_examples_smartcall", notes.join("\n"));
}

#[test]
fn our_own_examples_of_hot_come_back_and_what_is_odd_in_them_is_noticed() {
    let (bodies, notes) =
        HOT.check_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/hot"));
    assert_eq!(bodies, 6);
    insta::assert_snapshot!("own_examples_hot", notes.join("\n"));
}

#[test]
fn a_body_that_does_not_come_back_is_noticed() {
    // A member twice cannot come back, so the runner is seen to fail.
    let twice = r#"{"request":{"method":"GET","path":"/webservice/test/ping","body":null},
        "response":{"status":200,"body":{"response":"Pong","response":"Pong"}}}"#;
    assert!(SMARTCALL.check("twice", twice, &mut Vec::new()).is_err());
}

#[test]
fn a_request_without_what_it_must_have_is_noticed() {
    let without = r#"{"operationId":"recharge","request":{"agentReference":"a"}}"#;
    let why = HOT.check("without", without, &mut Vec::new()).unwrap_err();
    assert!(why.contains("cannot be read as RechargeRequest"), "{why}");
}

#[test]
fn a_request_that_the_service_refused_too_may_lack_what_it_must_have() {
    let refused = r#"{"request":{"method":"POST","path":"/webservice/smartload/cashup","body":{"startDate":"x"}},
        "response":{"status":400,"body":{"code":1,"message":"m"}}}"#;
    let mut notes = Vec::new();
    assert_eq!(SMARTCALL.check("refused", refused, &mut notes), Ok(1));
    assert!(
        notes[0].ends_with("the service refused it too"),
        "{notes:?}"
    );
    let sold = refused.replace("400", "200");
    assert!(SMARTCALL.check("sold", &sold, &mut Vec::new()).is_err());
}

#[test]
fn names_in_another_case_are_ours_where_the_service_reads_them_alike() {
    let pascal = r#"{"operationId":"completeReservedRecharge",
        "request":{"OriginalReference":"a","Confirmed":true,"AgentReference":"b"}}"#;
    let mut notes = Vec::new();
    assert_eq!(HOT.check("pascal", pascal, &mut notes), Ok(1));
    assert!(notes[0].contains("another case"), "{notes:?}");
}

#[test]
fn a_path_in_its_own_words_is_found_before_one_with_parameters() {
    let found = |method, path| SMARTCALL.find(method, path).map(|operation| operation.id);
    assert_eq!(
        found("GET", "/webservice/auth/token"),
        Some("getAvailableTokens")
    );
    assert_eq!(
        found("GET", "/webservice/smartload/recharges/2781/ab-cd"),
        Some("getTransactionByClientReference")
    );
    assert_eq!(
        found("POST", "/smartload/recharges/batch"),
        Some("createRechargeBatch")
    );
    assert_eq!(
        found("DELETE", "/webservice/smartload/recharges/2781/ab-cd"),
        None
    );
}

/// Says something past the capture of the test harness, which would keep it to itself.
fn aloud(what: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{what}").expect("stderr");
}
