//! A list of recharges: whatever happens, each row is sold once.

mod support;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::time::Duration;

use support::{Rig, eventually, rows};

#[cfg(unix)]
fn signal(child: &Child, name: &str) {
    let killed = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(killed.is_ok_and(|status| status.success()));
}

#[test]
fn each_row_is_sold_once_and_running_the_file_again_sells_nothing() {
    let rig = Rig::new();
    let file = rig.file("list.csv", &rows(20));
    let first = rig.run(&format!("bulk {file}"));
    assert_eq!(
        (first.all("outcome"), first.code),
        (vec!["succeeded".to_owned(); 20], Some(0)),
        "{first:?}"
    );
    assert!(
        first.err.contains("20 rows: 20 succeeded") && !first.err.contains("earlier run"),
        "{}",
        first.err
    );

    let second = rig.run(&format!("bulk {file}"));
    assert!(
        second
            .err
            .contains("20 of them were settled already by an earlier run"),
        "{}",
        second.err
    );
    for key in ["reference", "provider_reference", "attempts", "outcome"] {
        assert_eq!(first.all(key), second.all(key), "{key}");
    }
    assert_eq!(
        (rig.ledger().attempts.len(), rig.ledger().sales().count()),
        (20, 20)
    );
    for reference in first.all("reference") {
        assert!(
            reference.len() == 36
                && reference
                    .bytes()
                    .all(|byte| b"0123456789abcdef-".contains(&byte)),
            "{reference}"
        );
    }
}

#[test]
fn a_renamed_file_is_another_list_and_a_moved_one_is_not() {
    let rig = Rig::with(|sandbox| sandbox.five_minute_rule(false));
    std::fs::create_dir(rig.path("folder")).unwrap();
    let runs = ["list.csv", "folder/list.csv", "june.csv"]
        .map(|name| rig.run(&format!("bulk {}", rig.file(name, &rows(3)))));
    assert_eq!(runs[0].all("reference"), runs[1].all("reference"));
    assert!(
        runs[0]
            .all("reference")
            .iter()
            .all(|reference| !runs[2].all("reference").contains(reference))
    );
    assert_eq!(rig.ledger().sales().count(), 6);
}

#[test]
fn bad_rows_are_named_by_line_and_the_rest_is_sold() {
    let rig = Rig::new();
    let text = "amount,msisdn,product,reference\r\n\r\n20,0821234567,62,\r\n20,12,62,\r\n21.505,0821234567,62,\r\nx\r\n22,0821234567,62,mine\r\n";
    let file = rig.file("list.csv", &format!("\u{feff}{text}"));
    let ran = rig.run(&format!("bulk {file}"));
    assert_eq!(
        (ran.all("amount"), ran.code),
        (vec!["20".into(), "22".into()], Some(2)),
        "{ran:?}"
    );
    for told in [
        "line 4: msisdn must",
        "line 5: amount must be in whole cents",
        "line 6: row must have 4 fields",
        "3 bad rows",
    ] {
        assert!(ran.err.contains(told), "{told}: {}", ran.err);
    }
    assert_eq!(rig.ledger().sales_of("mine"), 1);

    // Without its bad rows the file is the same list still.
    let mended = rig.file(
        "list.csv",
        "msisdn,product,amount,reference\n0821234567,62,22,mine\n0821234567,62,20.00,\n",
    );
    let again = rig.run(&format!("bulk {mended}"));
    assert_eq!(
        (again.all("reference"), again.code),
        (ran.all("reference"), Some(0))
    );
    assert_eq!(rig.ledger().sales().count(), 2);
}

#[test]
fn the_worst_outcome_decides_the_exit_code() {
    let rig = Rig::new();
    for (name, text, code) in [
        ("good-and-bad", "0821111111,62,20\nbad\n", 2),
        ("refused-and-bad", "0822222222,62,11\nbad\n", 3),
        (
            "taken-and-bad",
            "0823333333,62,20,a\n0823333333,62,21,a\nbad\n",
            1,
        ),
        (
            "refused-and-taken",
            "0823333333,62,22,a\n0823333333,62,11,b\n",
            3,
        ),
        (
            "pending-and-all",
            "0824444444,62,13\n0823333333,62,22,a\n0824444444,62,11\nbad\n",
            4,
        ),
        ("nothing", "\n", 0),
    ] {
        let file = rig.file(name, text);
        // A pending one goes on until its time is up; no other row is in doubt.
        let words = format!("bulk {file}");
        let ran = if code == 4 {
            rig.hasty(&words)
        } else {
            rig.run(&words)
        };
        assert_eq!(ran.code, Some(code), "{name}: {ran:?}");
    }
}

#[test]
fn a_reference_that_stands_twice_is_one_sale() {
    let rig = Rig::with(|sandbox| sandbox.processing(Duration::from_millis(200)));
    let file = rig.file(
        "list.csv",
        "0821234567,62,20,same\n0821234567,62,20.00,same\n0821234567,62,21,same\n",
    );
    let ran = rig.run(&format!("bulk {file}"));
    // Whichever comes first in time, the first in the file is the one that counts.
    assert_eq!(
        ran.all("outcome"),
        ["not_sent", "succeeded", "succeeded"],
        "{ran:?}"
    );
    assert_eq!(rig.ledger().sales().count(), 1);
}

#[test]
fn a_list_that_was_killed_is_finished_by_the_next_run_with_the_same_tokens() {
    let rig = Rig::with(|sandbox| sandbox.processing(Duration::from_millis(100)));
    let file = rig.file("list.csv", &rows(30));
    let mut told = BTreeSet::new();
    for _ in 0..2 {
        let mut child = rig.spawn(&format!("bulk {file} --concurrency 4"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines
            .by_ref()
            .take(5)
            .for_each(|line| told.extend([line.unwrap()]));
        // The journal can be read meanwhile, but nobody else may sell with it.
        assert_eq!(
            rig.plain("journal list --journal journal --output json")
                .code,
            Some(0)
        );
        let other = rig.run("recover");
        assert!(
            other.code == Some(1) && other.err.contains("in use by another process"),
            "{other:?}"
        );
        child.kill().unwrap();
        child.wait().unwrap();
        lines.for_each(|line| told.extend([line.unwrap()]));
    }
    let ran = rig.run(&format!("bulk {file}"));
    assert_eq!(
        (ran.all("outcome"), ran.code),
        (vec!["succeeded".to_owned(); 30], Some(0)),
        "{ran:?}"
    );
    for line in told {
        assert!(
            ran.out.lines().any(|again| again == line),
            "what was told stands: {line}"
        );
    }
    let ledger = rig.ledger();
    assert_eq!(
        (ledger.sales().count(), ledger.sales_by_reference().len()),
        (30, 30)
    );
    assert!(
        rig.sandbox.logins() <= 2,
        "one token for each host: {}",
        rig.sandbox.logins()
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_takes_no_new_rows_and_waits_for_those_in_work() {
    for name in ["-INT", "-TERM"] {
        let rig = Rig::with(|sandbox| sandbox.processing(Duration::from_millis(300)));
        let file = rig.file("list.csv", &rows(40));
        let mut child = rig.spawn(&format!("bulk {file} --concurrency 3"));
        eventually("a sale", || rig.ledger().attempts.len() >= 3);
        signal(&child, name);
        let (mut out, mut err) = (String::new(), String::new());
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut out)
            .unwrap();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{err}");
        let (told, sold) = (out.lines().count(), rig.ledger().sales().count());
        assert!(
            told == sold && (3..20).contains(&told),
            "{told} told, {sold} sold: {err}"
        );
        assert!(
            err.contains("no new rows are taken") && err.contains("run the same file again"),
            "{err}"
        );
        assert_eq!(rig.run("recover").out, "");
    }
}

#[test]
fn a_reader_that_goes_away_stops_the_list_and_loses_nothing() {
    let rig = Rig::with(|sandbox| sandbox.processing(Duration::from_millis(50)));
    let file = rig.file("list.csv", &rows(40));
    let mut child = rig.spawn(&format!("bulk {file} --concurrency 2"));
    drop(child.stdout.take());
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{err}");
    assert!(
        err.contains("the output cannot be written") && !err.contains("panicked"),
        "{err}"
    );
    assert!(rig.ledger().sales().count() < 10);
    assert_eq!(rig.run("recover").out, "", "what was in work has ended");
}

#[test]
fn through_faults_each_row_is_sold_once() {
    let rig = Rig::with(|sandbox| {
        sandbox.seed(5).faults(
            "0.35,refuse-ms=100,late-answer-ms=500,late-sale-ms=100,lag-ms=150"
                .parse()
                .unwrap(),
        )
    });
    let file = rig.file("list.csv", &rows(30));
    for _ in 0..5 {
        rig.hasty(&format!("bulk {file}"));
    }
    rig.sandbox.set_faults(recharge_sandbox::Faults::none());
    let ran = rig.run(&format!("bulk {file}"));
    assert_eq!(ran.all("outcome"), vec!["succeeded"; 30], "{ran:?}");
    assert_eq!(
        (
            rig.ledger().sales().count(),
            rig.ledger().sales_by_reference().len()
        ),
        (30, 30)
    );
}
