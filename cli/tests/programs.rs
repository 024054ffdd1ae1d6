//! The sandbox and the demonstration, as programs.

mod support;

use std::io::{BufRead, BufReader};
use std::process::Command;

use serde_json::Value;
use support::{Rig, ran};

#[test]
fn the_sandbox_says_where_it_is_and_can_be_sold_to_until_it_is_stopped() {
    let rig = Rig::new();
    let mut sandbox = rig
        .command()
        .args(["sandbox", "--no-five-minute-rule", "--balance", "50"])
        .spawn()
        .expect("a sandbox");
    let mut line = String::new();
    BufReader::new(sandbox.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let told: Value = serde_json::from_str(&line).expect("one line of JSON");
    assert_eq!(told["base_urls"].as_array().map(Vec::len), Some(2));
    let mut balance = rig.command();
    for (name, key) in [
        ("USERNAME", "username"),
        ("PASSWORD", "password"),
        ("ACCOUNT", "account"),
    ] {
        balance.env(format!("SMARTCALL_{name}"), told[key].as_str().unwrap());
    }
    for url in told["base_urls"].as_array().unwrap() {
        balance.args(
            ["smartcall", "--base-url", url.as_str().unwrap()]
                .iter()
                .skip(usize::from(balance.get_args().count() > 0)),
        );
    }
    let balance = ran(balance.args(["balance", "--output", "json"]));
    assert!(
        balance.code == Some(0) && balance.all("balance")[0].starts_with("50"),
        "{balance:?}"
    );
    Command::new("kill")
        .args(["-TERM", &sandbox.id().to_string()])
        .status()
        .unwrap();
    assert_eq!(sandbox.wait().unwrap().code(), Some(0));
}

#[test]
fn the_demonstration_sells_fifty_once() {
    let rig = Rig::new();
    let table = rig.plain("demo --seed 3");
    assert_eq!(table.code, Some(0), "{table:?}");
    assert!(
        table.out.contains("sold once: 50, sold twice: 0, lost: 0"),
        "{}",
        table.out
    );
    assert_eq!(
        table
            .out
            .lines()
            .filter(|line| line.contains("  succeeded  "))
            .count(),
        50,
        "{}",
        table.out
    );
    assert!(!table.out.contains("  17.00  "));

    let objects = rig.plain("demo --faults none --output json").objects();
    assert_eq!(objects.len(), 51);
    assert_eq!(objects[50]["sold_once"], 50);
}
