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

#[test]
fn shells_learn_every_command() {
    let rig = Rig::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = rig.plain(&format!("completions {shell}"));
        assert_eq!((script.code, script.err.as_str()), (Some(0), ""), "{shell}");
        for word in ["doctor", "cashup", "recover", "--base-url", "low-balance"] {
            let word = word.trim_start_matches('-');
            assert!(script.out.contains(word), "{shell}: {word}");
        }
    }
    let refused = rig.plain("completions tcsh");
    assert!(
        refused.code == Some(2) && refused.err.contains("bash, elvish, fish"),
        "{refused:?}"
    );
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let rig = Rig::new();
    let page = rig.plain("man");
    assert_eq!(page.code, Some(0), "{page:?}");
    for told in [".TH recharge 1", "Exit codes:", "recharge\\-smartcall(1)"] {
        assert!(page.out.contains(told), "{told}: {}", page.out);
    }
    std::fs::create_dir(rig.path("man")).unwrap();
    let written = rig.plain("man --to man");
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""));
    for name in [
        "recharge.1",
        "recharge-smartcall-doctor.1",
        "recharge-journal-list.1",
    ] {
        assert!(rig.path("man").join(name).is_file(), "{name}");
    }
    let nowhere = rig.plain("man --to nowhere");
    assert!(
        nowhere.code == Some(1) && nowhere.err.contains("nowhere"),
        "{nowhere:?}"
    );
}
