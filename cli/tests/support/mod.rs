//! The command as its users run it, against a sandbox in this process.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used
)]

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use recharge_sandbox::{Builder, LedgerView, Sandbox};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What no output may ever hold.
pub const PASSWORD: &str = "s3cret-Passw0rd";

pub struct Rig {
    pub runtime: Runtime,
    pub sandbox: Sandbox,
    pub folder: TempDir,
}

/// What a run of the command left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The objects on standard output.
    pub fn objects(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{self:?}"));
        self.out.lines().map(parse).collect()
    }

    /// The values of a key, sorted.
    pub fn all(&self, key: &str) -> Vec<String> {
        let text = |object: &Value| match &object[key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let mut values: Vec<String> = self.objects().iter().map(text).collect();
        values.sort();
        values
    }
}

impl Rig {
    pub fn new() -> Self {
        Self::with(|sandbox| sandbox)
    }

    pub fn with(set_up: impl FnOnce(Builder) -> Builder) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let builder = set_up(Sandbox::builder().credentials("till", PASSWORD));
        let sandbox = runtime.block_on(builder.start()).expect("a sandbox");
        let folder = TempDir::new().expect("a folder");
        Self {
            runtime,
            sandbox,
            folder,
        }
    }

    pub fn ledger(&self) -> LedgerView {
        self.sandbox.ledger()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file and says where.
    pub fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).expect("a file");
        self.path(name).display().to_string()
    }

    /// The command in this rig's folder with nothing but its credentials in the environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_recharge"));
        command
            .env_clear()
            .current_dir(self.folder.path())
            .env("HOME", self.path("home"));
        command
            .env("SMARTCALL_USERNAME", "till")
            .env("SMARTCALL_PASSWORD", PASSWORD);
        command.env("SMARTCALL_ACCOUNT", "27810000001");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// `recharge smartcall` with json, this sandbox, a journal and a short settle window; then these words. The other times are long, so
    /// that a machine that has other things to do does not make doubt.
    pub fn smartcall(&self, words: &str) -> Command {
        let mut command = self.command();
        command.args(["--output", "json", "--journal", "journal", "smartcall"]);
        command.args("--timeout-ms 30000 --settle-ms 300 --deadline-ms 120000".split(' '));
        for url in self.sandbox.base_urls() {
            command.args(["--base-url", &url]);
        }
        command.args(words.split_whitespace());
        command
    }

    pub fn run(&self, words: &str) -> Ran {
        ran(&mut self.smartcall(words))
    }

    /// `recharge hot` with json, this sandbox, a journal and a short settle window; then these words.
    pub fn hot(&self, words: &str) -> Command {
        let mut command = self.command();
        command
            .env("HOT_ACCESS_CODE", self.sandbox.hot_access_code())
            .env("HOT_PASSWORD", self.sandbox.hot_password());
        command.args(["--output", "json", "--journal", "journal", "hot"]);
        command.args("--timeout-ms 30000 --settle-ms 300 --deadline-ms 120000".split(' '));
        command.args(["--base-url", &self.sandbox.hot_base_urls()[0]]);
        command.args(words.split_whitespace());
        command
    }

    pub fn run_hot(&self, words: &str) -> Ran {
        ran(&mut self.hot(words))
    }

    /// For what would not end by itself: hands over soon.
    pub fn hasty(&self, words: &str) -> Ran {
        self.run(&format!("{words} --timeout-ms 400 --deadline-ms 1500"))
    }

    /// `recharge` with these words alone.
    pub fn plain(&self, words: &str) -> Ran {
        ran(self.command().args(words.split_whitespace()))
    }

    pub fn spawn(&self, words: &str) -> Child {
        self.smartcall(words).spawn().expect("the command")
    }
}

pub fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("the command");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ran {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// Waits for something that must come.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{what} did not come");
}

/// A file of `count` different rows.
pub fn rows(count: usize) -> String {
    (0..count)
        .map(|number| format!("08212300{number:02},62,{}.50\n", 20 + number))
        .collect()
}

/// Every key is there, and no other, in whatever order.
#[track_caller]
pub fn assert_keys(object: &Value, keys: &[&str]) {
    let found: BTreeSet<&str> = object
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys().map(String::as_str))
        .collect();
    assert_eq!(found, keys.iter().copied().collect(), "{object}");
}
