//! The drill: the vendor serves another document, and everything that differs is seen, understood and put in place.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "refresh/bench.rs"]
mod bench;
#[allow(
    dead_code,
    reason = "what can go wrong is in the other half of these tests"
)]
#[path = "refresh/server.rs"]
mod server;

use recharge_spec::diff::Class;
use recharge_spec::grade::Verdict;
use recharge_spec::report::{Entry, Report, Spot};
use serde_json::{Value, json};
use xtask::refresh::{Outcome, surface};

use bench::{Bench, accepting, checking, from, pretty, saved};
use server::{Answer, Server};

/// What is saved before the drill: the reconstruction, with one closed enum, which it does not have.
fn before() -> Value {
    let mut document = saved();
    document["definitions"]["Transaction"]["properties"]["statusId"]["enum"] =
        json!(["PENDING", "FAILED"]);
    document
}

/// The same with one change of each of five kinds.
fn after() -> Value {
    let mut document = before();
    let recharge = &mut document["definitions"]["Recharge"]["properties"];
    let pin = recharge
        .as_object_mut()
        .unwrap()
        .remove("voucherPin")
        .unwrap();
    recharge["voucherPinCode"] = pin;
    recharge["orderReferenceId"] = json!({ "type": "string" });
    let transaction = &mut document["definitions"]["Transaction"]["properties"];
    transaction.as_object_mut().unwrap().remove("cost").unwrap();
    transaction["statusId"]["enum"] = json!(["PENDING", "FAILED", "REVERSED"]);
    document["paths"]["/smartload/commission/{smartloadId}"] = json!({ "get": {
        "operationId": "getCommission",
        "parameters": [{ "name": "smartloadId", "in": "path", "required": true, "type": "string" }],
        "responses": { "200": { "description": "", "schema": { "$ref": "#/definitions/BalanceResponse" } } },
        "security": [{ "bearer": [] }]
    } });
    document
}

fn report(outcome: Outcome) -> Report {
    match outcome {
        Outcome::Differs(report) | Outcome::Written(report) => *report,
        Outcome::Unchanged => panic!("nothing changed"),
    }
}

fn line(entry: &Entry) -> String {
    let change = &entry.change;
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    format!(
        "{} {} {} [{} > {}]{}",
        change.wire,
        change.kind,
        change.place,
        value(&change.from),
        value(&change.to),
        if entry.breaking { " BREAKING" } else { "" }
    )
}

fn functions(spots: &[Spot]) -> Vec<String> {
    spots
        .iter()
        .map(|spot| {
            format!(
                "{} {}",
                spot.file,
                spot.function.clone().unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn a_check_names_all_five_changes_and_no_more_and_touches_nothing() {
    let bench = Bench::with(&before());
    let server = Server::start(vec![Answer::Document(pretty(&after()))]);
    let files = bench.files();
    let (outcome, said) = bench.run_aloud(&checking(&server));
    let outcome = outcome.unwrap();
    assert!(matches!(outcome, Outcome::Differs(_)));
    let report = report(outcome);
    let lines: Vec<String> = report.changes.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "compatible added GET /smartload/commission/{smartloadId} [ > ]",
            "breaking type Recharge.orderReferenceId [integer (int64) > string] BREAKING",
            "breaking renamed Recharge.voucherPinCode [voucherPin > voucherPinCode] BREAKING",
            "breaking removed Transaction.cost [string > ] BREAKING",
            "breaking enum Transaction.statusId [ > REVERSED] BREAKING",
        ]
    );
    assert_eq!((report.breaking(), report.warnings()), (4, 0));
    assert!(said.contains("5 changes: **4 breaking**, 0 to look at, 1 compatible."));
    assert_eq!(bench.files(), files);
}

#[test]
fn each_change_names_the_operations_the_facade_the_sandbox_and_the_overlay() {
    let bench = Bench::with(&before());
    let server = Server::start(vec![Answer::Document(pretty(&after()))]);
    let report = report(bench.run(&checking(&server)).unwrap());
    let entry = |place: &str| {
        report
            .changes
            .iter()
            .find(|entry| entry.change.place.to_string() == place)
            .unwrap()
    };
    let reference = entry("Recharge.orderReferenceId");
    assert!(
        functions(&reference.facade).contains(&"facade/src/smartcall/reading.rs vend".to_owned())
    );
    assert!(!reference.sandbox.is_empty());
    let operations: Vec<&str> = reference
        .change
        .uses
        .iter()
        .map(|each| each.operation.as_str())
        .collect();
    assert!(operations.contains(&"POST /smartload/v2/recharges"));
    assert!(
        reference
            .change
            .uses
            .iter()
            .all(|each| each.class == Class::Breaking)
    );
    let operation = entry("GET /smartload/commission/{smartloadId}");
    assert!(operation.facade.is_empty() && operation.sandbox.is_empty());
    // Action 0 speaks of every number; this is none, and action 1 speaks of `retailPrice` alone.
    assert!(reference.overlay.is_empty());
    assert_eq!(report.overlay_unmatched, []);
}

#[test]
fn accepting_saves_what_was_served_to_the_byte_with_a_canonical_form_and_a_lock() {
    let bench = Bench::with(&before());
    let served = pretty(&after());
    let server = Server::start(vec![Answer::Tagged(served.clone(), "-806599889")]);
    let (outcome, said) = bench.run_aloud(&accepting(&server));
    assert!(matches!(outcome.unwrap(), Outcome::Written(_)));
    assert_eq!(bench.text("spec/smartcall/swagger.json").as_bytes(), served);
    assert_eq!(
        bench.text("spec/smartcall/canonical.json"),
        xtask::refresh::canonical(&after())
    );
    let lock = bench.lock();
    assert_eq!(lock["origin"], "served");
    assert_eq!(lock["url"], server.url());
    assert_eq!(lock["etag"], "-806599889");
    assert_eq!(lock["version"], "1.2.15");
    assert_eq!(lock["sha256"].as_str().unwrap().len(), 64);
    assert!(said.contains("Next:"));
}

#[test]
fn the_bindings_differ_in_those_lines_only() {
    let bench = Bench::with(&before());
    let old = bench.surface();
    let server = Server::start(vec![Answer::Document(pretty(&after()))]);
    bench.run(&accepting(&server)).unwrap();
    let changes = surface::compare(&old, &bench.surface());
    let lines: Vec<String> = changes
        .iter()
        .map(|change| {
            let value = |value: &Option<String>| value.clone().unwrap_or("-".to_owned());
            match change.item {
                surface::Item::Literal(_) => format!("{}", change.item),
                _ => format!(
                    "{}: {} > {}",
                    change.item,
                    value(&change.was),
                    value(&change.is)
                ),
            }
        })
        .collect();
    assert_eq!(
        lines,
        [
            "fn get_commission: - > (smartload_id: &'astr) -> Result<ResponseValue<BalanceResponse>,Error<()>>",
            "types::Recharge.order_reference_id: Field<i64> > Field<String>",
            "types::Recharge.voucher_pin_code: - > Field<String>",
            "types::Recharge { .. }",
        ]
    );
}

#[test]
fn the_report_names_every_place_that_may_no_longer_compile() {
    let bench = Bench::with(&before());
    let server = Server::start(vec![Answer::Document(pretty(&after()))]);
    let report = report(bench.run(&accepting(&server)).unwrap());
    let stops = report.stops.iter().filter(|stop| !stop.spots.is_empty());
    let stops: Vec<&str> = stops.map(|stop| stop.item.as_str()).collect();
    assert_eq!(stops, ["types::Recharge.order_reference_id"]);
    // Found once more without any parsing.
    let named = &report
        .stops
        .iter()
        .find(|stop| stop.item == stops[0])
        .unwrap()
        .spots;
    let folder = bench.root().join("facade/src/smartcall");
    let mut uses = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| line.contains(".order_reference_id"));
        for (index, _) in lines {
            uses += 1;
            let file = path
                .strip_prefix(bench.root())
                .unwrap()
                .display()
                .to_string();
            let is_named = named
                .iter()
                .any(|spot| spot.file == file && spot.line == index + 1);
            assert!(is_named, "{file}:{} is not named", index + 1);
        }
    }
    assert!(uses > 0);
}

#[test]
fn what_our_code_needs_is_kept_as_deprecated_until_it_comes_back() {
    let bench = Bench::with(&before());
    let overlay = bench.text("spec/smartcall/overlay.yaml");
    let document = pretty(&after());
    let server = Server::start(vec![Answer::Document(document)]);
    let report = report(bench.run(&accepting(&server)).unwrap());
    let kept: Vec<String> = report
        .kept
        .iter()
        .map(|kept| format!("{}: {}", kept.what, kept.reason))
        .collect();
    assert_eq!(
        kept,
        [
            "Recharge.voucherPin: the document calls it `voucherPinCode` now",
            "Transaction.cost: the document no longer has it",
        ]
    );
    let with = bench.text("spec/smartcall/overlay.yaml");
    assert!(with.starts_with(overlay.trim_end()) && with.contains("\"deprecated\":true"));
    // A further change leaves it where it is.
    let mut next = after();
    next["info"]["version"] = json!("1.2.16");
    let server = Server::start(vec![Answer::Document(pretty(&next))]);
    bench.run(&accepting(&server)).unwrap();
    assert_eq!(bench.text("spec/smartcall/overlay.yaml"), with);
    // All comes back.
    let server = Server::start(vec![Answer::Document(pretty(&before()))]);
    bench.run(&accepting(&server)).unwrap();
    assert_eq!(bench.text("spec/smartcall/overlay.yaml"), overlay);
}

#[test]
fn nobody_there_to_confirm_means_that_nothing_is_written() {
    let bench = Bench::new();
    let server = Server::start(vec![Answer::Document(pretty(&after()))]);
    let files = bench.files();
    assert!(matches!(
        bench.run(&from(&server)).unwrap(),
        Outcome::Differs(_)
    ));
    assert_eq!(bench.files(), files);
}

#[test]
fn an_overlay_action_without_a_target_or_without_need_is_listed() {
    let bench = Bench::new();
    let mut document = saved();
    let definitions = document["definitions"].as_object_mut().unwrap();
    definitions.shift_remove("RicaHealth");
    definitions.shift_remove("NetworkHealth");
    for path in ["/utilities/health", "/utilities/ricahealth"] {
        document["paths"].as_object_mut().unwrap().remove(path);
    }
    for name in ["retailPrice", "dealerDiscount"] {
        document["definitions"]["Recharge"]["properties"][name]["format"] = json!("decimal");
    }
    let server = Server::start(vec![Answer::Document(pretty(&document))]);
    let report = report(bench.run(&checking(&server)).unwrap());
    let targets = |actions: &[recharge_spec::report::Action]| -> Vec<String> {
        actions.iter().map(|action| action.target.clone()).collect()
    };
    assert!(
        targets(&report.overlay_unnecessary)
            .iter()
            .any(|target| target.contains("retailPrice"))
    );
    assert!(
        targets(&report.overlay_unmatched)
            .iter()
            .any(|target| target.contains("NetworkHealth"))
    );
}

#[test]
fn the_first_document_of_the_vendor_grades_the_reconstruction() {
    let bench = Bench::new();
    let mut document = saved();
    strip(&mut document);
    let item = &mut document["definitions"]["ElectricityTransaction"]["properties"];
    let members: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
    let guessed: Vec<&String> = members
        .iter()
        .filter(|name| name.len() > 5 && item[name.as_str()]["type"] == "string")
        .collect();
    let [first, second, third, ..] = guessed[..] else {
        panic!("{members:?} are too few for this")
    };
    item[first] = json!({ "type": "boolean" });
    let item = item.as_object_mut().unwrap();
    item.shift_remove(second);
    let renamed = item.shift_remove(third).unwrap();
    item.insert(format!("{third}Text"), renamed);
    let server = Server::start(vec![Answer::Document(pretty(&document))]);
    let (outcome, said) = bench.run_aloud(&checking(&server));
    let grading = report(outcome.unwrap()).grading.unwrap();
    let wrong: Vec<(&str, Verdict)> = grading
        .guesses
        .iter()
        .filter(|guess| guess.verdict != Verdict::Right)
        .map(|guess| (guess.pointer.rsplit('/').next().unwrap(), guess.verdict))
        .collect();
    assert_eq!(
        wrong,
        [
            (first.as_str(), Verdict::WrongType),
            (second.as_str(), Verdict::Absent),
            (third.as_str(), Verdict::WrongName),
        ]
    );
    assert!(grading.count("member", "inferred", Verdict::Right) > 50);
    assert!(said.contains("How good the reconstruction was"));
}

/// Takes out what only a reconstruction has.
fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.shift_remove("x-evidence");
            members.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

#[test]
fn the_report_is_written_for_people_and_for_programs() {
    let bench = Bench::with(&before());
    let server = Server::start(vec![Answer::Document(pretty(&after()))]);
    let folder = tempfile::tempdir().unwrap();
    let mut options = checking(&server);
    options.reports = vec![folder.path().join("a.md"), folder.path().join("a.json")];
    bench.run(&options).unwrap();
    let markdown = std::fs::read_to_string(&options.reports[0]).unwrap();
    let json: Value = serde_json::from_slice(&std::fs::read(&options.reports[1]).unwrap()).unwrap();
    assert!(markdown.contains("`Recharge.voucherPinCode`: renamed `voucherPin` → `voucherPinCode`; breaks the exchange and source"));
    assert_eq!(json["breaking"], 4);
    assert_eq!(json["changes"].as_array().unwrap().len(), 5);
    assert_eq!(json["changes"][1]["place"]["field"], "orderReferenceId");
}

#[test]
fn another_notation_of_the_same_document_is_no_change() {
    let bench = Bench::new();
    let yaml = recharge_spec::read(recharge_spec::Api::Hot.document().as_bytes()).unwrap();
    let file = bench.root().join("hot.json");
    std::fs::write(&file, yaml.value().to_string()).unwrap();
    let mut options = xtask::refresh::Options::of(recharge_spec::Api::Hot);
    options.file = Some(file);
    let report = report(bench.run(&options).unwrap());
    assert!(report.is_empty() && report.stops.is_empty());
}
