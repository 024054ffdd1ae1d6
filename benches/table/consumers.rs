//! What it costs to depend upon the library: crates, CPU seconds of a clean build, bytes of a program. Each consumer is a package of its own,
//! in the versions of this workspace's lock file; it sells one recharge when it is started, and is started, so that nothing of that can be left
//! out of it.
//!
//! Takes minutes, so it is measured only when it is named.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::child::{self, Service};
use crate::kind::{disk, subscriber};

// Compiled here too, so that they are held against the library's interface whenever the benches are.
#[allow(dead_code)]
#[path = "../consumers/bindings.rs"]
mod bindings;
#[allow(dead_code)]
#[path = "../consumers/by_hand.rs"]
mod by_hand;
#[allow(dead_code)]
#[path = "../consumers/facade.rs"]
mod facade;

const BY_HAND: &str = include_str!("../consumers/by_hand.rs");
const BINDINGS: &str = include_str!("../consumers/bindings.rs");
const FACADE: &str = include_str!("../consumers/facade.rs");

// What `main` does with the module `sell`.
const SELL: &str = "sell::sell()";
const INSTALL_RING_AND_SELL: &str =
    "let _ = rustls::crypto::ring::default_provider().install_default();\n    sell::sell()";
const SELL_IN_MEMORY: &str = "sell::sell(std::sync::Arc::new(recharge::journal::Memory::new()))";
const SELL_IN_SQLITE: &str =
    "sell::sell(std::sync::Arc::new(recharge::journal::Sqlite::open(\"recharge.journal\")?))";

// Lines of a manifest. The versions are those of the lock file.
const TOKIO: &str =
    r#"tokio = { version = "*", default-features = false, features = ["net", "rt", "time"] }"#;
const REQWEST: &str = r#"reqwest = { version = "*", default-features = false, features = ["json", "rustls-no-provider"] }"#;
const REQWEST_WITH_AWS: &str =
    r#"reqwest = { version = "*", default-features = false, features = ["json", "rustls"] }"#;
const RUSTLS_WITH_RING: &str =
    r#"rustls = { version = "*", default-features = false, features = ["ring", "std", "tls12"] }"#;
const SERDE: &str = r#"serde = { version = "*", features = ["derive"] }"#;
const DECIMAL: &str =
    r#"rust_decimal = { version = "*", default-features = false, features = ["std", "serde"] }"#;

struct Consumer {
    title: &'static str,
    /// The module `sell`.
    sell: &'static str,
    main: &'static str,
    /// Besides tokio; `{root}` is this workspace.
    dependencies: &'static [&'static str],
}

/// The first one is what the others are held against.
const CONSUMERS: [Consumer; 9] = [
    Consumer {
        title: "reqwest and serde by hand, ring",
        sell: BY_HAND,
        main: INSTALL_RING_AND_SELL,
        dependencies: &[REQWEST, RUSTLS_WITH_RING, SERDE, DECIMAL],
    },
    Consumer {
        title: "reqwest and serde by hand, aws-lc-rs",
        sell: BY_HAND,
        main: SELL,
        dependencies: &[REQWEST_WITH_AWS, SERDE, DECIMAL],
    },
    Consumer {
        title: "bindings, ring",
        sell: BINDINGS,
        main: INSTALL_RING_AND_SELL,
        dependencies: &[
            r#"recharge-bindings = { path = "{root}", default-features = false }"#,
            REQWEST,
            RUSTLS_WITH_RING,
            SERDE,
        ],
    },
    Consumer {
        title: "bindings, aws-lc-rs (their default)",
        sell: BINDINGS,
        main: SELL,
        dependencies: &[r#"recharge-bindings = { path = "{root}" }"#, REQWEST, SERDE],
    },
    facade(
        "recharge: `ring`",
        SELL_IN_MEMORY,
        &[
            r#"recharge = { path = "{root}/facade", default-features = false, features = ["ring"] }"#,
        ],
    ),
    facade(
        "recharge: `aws-lc-rs`",
        SELL_IN_MEMORY,
        &[
            r#"recharge = { path = "{root}/facade", default-features = false, features = ["aws-lc-rs"] }"#,
        ],
    ),
    facade(
        "recharge: `sqlite`, `ring` (its default)",
        SELL_IN_SQLITE,
        &[r#"recharge = { path = "{root}/facade" }"#],
    ),
    facade(
        "recharge: `sqlite`, `aws-lc-rs`",
        SELL_IN_SQLITE,
        &[
            r#"recharge = { path = "{root}/facade", default-features = false, features = ["sqlite", "aws-lc-rs"] }"#,
        ],
    ),
    facade(
        "recharge: `sqlite`, `ring`, `voucher-files`",
        SELL_IN_SQLITE,
        &[r#"recharge = { path = "{root}/facade", features = ["voucher-files"] }"#],
    ),
];

const fn facade(
    title: &'static str,
    main: &'static str,
    dependencies: &'static [&'static str],
) -> Consumer {
    Consumer {
        title,
        sell: FACADE,
        main,
        dependencies,
    }
}

struct Cost {
    crates: usize,
    cpu_seconds: f64,
    bytes: u64,
}

pub(crate) fn table() -> String {
    let serving = child::start(Duration::ZERO);
    let costs: Vec<Cost> = CONSUMERS
        .iter()
        .zip(0..)
        .map(|(consumer, number)| {
            eprintln!("building: {}", consumer.title);
            let cost = build(consumer, &serving.service, number);
            eprintln!(
                "  {} crates, {:.0} CPU seconds, {} kB",
                cost.crates,
                cost.cpu_seconds,
                cost.bytes / 1000
            );
            cost
        })
        .collect();
    let base = &costs[0];
    let mut out = String::from(
        "## Consumers: a clean release build, and the stripped program\n\n| | crates | CPU seconds | ratio | program | ratio |\n|---|---:|---:|---:|---:|---:|\n",
    );
    for (consumer, cost) in CONSUMERS.iter().zip(&costs) {
        let _ = writeln!(
            out,
            "| {} | {} | {:.0} | {:.2} | {:.2} MB | {:.2} |",
            consumer.title,
            cost.crates,
            cost.cpu_seconds,
            cost.cpu_seconds / base.cpu_seconds,
            cost.bytes as f64 / 1e6,
            cost.bytes as f64 / base.bytes as f64
        );
    }
    out
}

fn build(consumer: &Consumer, service: &Service, number: u64) -> Cost {
    let folder = tempfile::tempdir_in(disk()).expect("a folder");
    let root = root();
    write(consumer, &root, folder.path());
    let before = cpu_seconds_of_children();
    let output = cargo(folder.path()).output().expect("cargo");
    let cpu_seconds = cpu_seconds_of_children() - before;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    same_versions(&root, folder.path());
    let program = folder.path().join("target/release/consumer");
    sell(&program, service, number);
    Cost {
        // Itself is not what it depends upon.
        crates: said
            .lines()
            .filter(|line| line.trim_start().starts_with("Compiling "))
            .count()
            - 1,
        cpu_seconds,
        bytes: std::fs::metadata(&program).expect("the program").len(),
    }
}

/// Cargo says where that is; what was compiled in may be that of another checkout with the same target directory.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR");
    let here = here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&here)
        .join("..")
        .canonicalize()
        .expect("the workspace")
}

/// Writes the package.
fn write(consumer: &Consumer, root: &Path, folder: &Path) {
    let dependencies = consumer
        .dependencies
        .join("\n")
        .replace("{root}", root.to_str().expect("a path in UTF-8"));
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"consumer\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [profile.release]\nstrip = true\n\n[dependencies]\n{TOKIO}\n{dependencies}\n"
    );
    let main = format!(
        "mod sell;\n\nfn main() -> Result<(), Box<dyn std::error::Error>> {{\n    {}\n}}\n",
        consumer.main
    );
    std::fs::create_dir(folder.join("src")).expect("a folder");
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    std::fs::write(folder.join("src/main.rs"), main).expect("its source");
    std::fs::write(folder.join("src/sell.rs"), consumer.sell).expect("its source");
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
}

/// A clean build, with nothing of this process' surroundings that would change it.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args([
            "build",
            "--release",
            "--offline",
            "--color=never",
            "--target-dir=target",
        ])
        .current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let word = name.to_string_lossy();
        let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"];
        if word.starts_with("CARGO_PROFILE_")
            || word.starts_with("CARGO_BUILD_")
            || flags.contains(&&*word)
        {
            command.env_remove(&name);
        }
    }
    command
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TERM_QUIET", "false")
        .env_remove("CARGO_TARGET_DIR");
    command
}

/// Every crate is of the version that this workspace has.
fn same_versions(root: &Path, folder: &Path) {
    let versions = |folder: &Path| -> BTreeSet<(String, String)> {
        let lock = std::fs::read_to_string(folder.join("Cargo.lock")).expect("a lock file");
        let lines: Vec<&str> = lock.lines().collect();
        lines
            .windows(2)
            .filter(|pair| pair[0].starts_with("name = "))
            .map(|pair| (pair[0].to_owned(), pair[1].to_owned()))
            .collect()
    };
    let ours = versions(root);
    let others: Vec<_> = versions(folder)
        .into_iter()
        .filter(|version| !ours.contains(version))
        .collect();
    let itself = (
        "name = \"consumer\"".to_owned(),
        "version = \"0.0.0\"".to_owned(),
    );
    assert_eq!(others, [itself]);
}

/// Sells once with the program.
fn sell(program: &Path, service: &Service, number: u64) {
    let output = Command::new(program)
        .args([
            &service.base_urls[0],
            &service.username,
            &service.password,
            &service.account,
        ])
        .args([&subscriber(number), "62", "5"])
        .current_dir(program.parent().expect("a folder"))
        .output()
        .expect("the program");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.starts_with("answered: "),
        "{output:?}"
    );
}

/// What every process took that this one has started and that has ended, with all of theirs: user and system.
fn cpu_seconds_of_children() -> f64 {
    /// Of the counts in `/proc`; the same on every Linux.
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux counts CPU seconds");
    // The second member is the program's name in parentheses, which may hold anything.
    let (_, after) = stat.rsplit_once(')').expect("a name");
    let ticks: f64 = after
        .split_whitespace()
        .skip(13) // of `after`: state is member 3, cutime 16, cstime 17
        .take(2)
        .map(|word| word.parse::<f64>().expect("a count"))
        .sum();
    ticks / TICKS_A_SECOND
}
