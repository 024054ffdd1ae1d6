//! The whole of it on two pages.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::ExitCode;

use recharge::recovery::Class;
use recharge_bindings::Operation;
use recharge_spec::evidence;

use crate::sandbox;
use crate::table::{Claim, HOT, Row, SMARTCALL, Service, services};

/// The classes of the facade, by operation.
fn classes(service: &Service) -> Vec<(&'static str, Class)> {
    match service.api {
        recharge_spec::Api::Smartcall => recharge::smartcall::classes().collect(),
        recharge_spec::Api::Hot => recharge::hot::classes().collect(),
    }
}

#[test]
fn every_operation_has_one_class_and_every_class_is_of_an_operation() {
    for service in services() {
        let mut classed: Vec<_> = classes(service).into_iter().map(|(id, _)| id).collect();
        let mut used: Vec<_> = service
            .rows
            .iter()
            .filter(|row| matches!(row.facade, Claim::Is(_)))
            .map(|row| row.operation)
            .collect();
        classed.sort_unstable();
        used.sort_unstable();
        assert_eq!(classed, used, "{}", service.api);
    }
}

/// Logging in changes nothing that anybody could lose.
const READS_BY_POST: &[&str] = &["authenticate", "login", "refreshToken"];

#[test]
fn what_the_document_calls_safe_is_a_read_and_nothing_else_is_but_a_login() {
    for service in services() {
        for (id, class) in classes(service) {
            let operation = service.operations.iter().find(|one| one.id == id).unwrap();
            let harmless = operation.safe || READS_BY_POST.contains(&id);
            let class_name = class.word();
            assert_eq!(
                class == Class::Read,
                harmless,
                "{} {id}: {class_name}",
                service.api
            );
        }
    }
}

#[test]
fn every_command_that_is_named_is_there() {
    let succeeds = |words: &str| {
        let arguments = ["recharge"]
            .into_iter()
            .chain(words.split(' '))
            .chain(["--help"]);
        let code = recharge_cli::run(arguments.map(OsString::from));
        // There is no other way to look into it.
        format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS)
    };
    assert!(!succeeds("smartcall no-such-command"));
    for service in services() {
        for row in service.rows {
            if let Claim::Is(words) = row.command {
                assert!(succeeds(words), "{}: recharge {words}", row.operation);
            }
        }
    }
}

#[test]
fn the_classes_are_these() {
    let mut text = String::new();
    for service in services() {
        let classes: BTreeMap<_, _> = classes(service).into_iter().collect();
        for (id, class) in classes {
            text.push_str(&format!("{} {id}: {}\n", service.api, class.word()));
        }
    }
    insta::assert_snapshot!("classes", text);
}

#[tokio::test]
async fn what_there_is_of_smartcall_is_this() {
    insta::assert_snapshot!("smartcall_matrix", matrix(&SMARTCALL).await);
}

#[tokio::test]
async fn what_there_is_of_hot_is_this() {
    insta::assert_snapshot!("hot_matrix", matrix(&HOT).await);
}

async fn matrix(service: &Service) -> String {
    let statuses = sandbox::statuses(service).await;
    let classes: BTreeMap<_, _> = classes(service).into_iter().collect();
    let mut lines = vec!["operation | raw | facade | sandbox | command | class | grade".to_owned()];
    for (operation, row) in service.operations.iter().zip(service.rows) {
        lines.push(line(
            service,
            operation,
            row,
            statuses[operation.id],
            classes.get(operation.id),
        ));
    }
    lines.join("\n")
}

fn line(
    service: &Service,
    operation: &Operation,
    row: &Row,
    status: u16,
    class: Option<&Class>,
) -> String {
    let facade = match row.facade {
        Claim::Is((function, _)) => function.to_owned(),
        Claim::Not(reason) => format!("({reason})"),
    };
    let command = match row.command {
        Claim::Is(words) => words.to_owned(),
        Claim::Not(reason) => format!("({reason})"),
    };
    let grade = evidence::grade_of(service.documented(operation));
    let cells = [
        operation.id.to_owned(),
        operation.function.to_owned(),
        facade,
        status.to_string(),
        command,
        class
            .map_or("(no function)", |class| class.word())
            .to_owned(),
        grade.unwrap().to_string(),
    ];
    cells.join(" | ")
}
