//! The other processes: this program again, told what to do.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use recharge_sandbox::{Faults, Sandbox};
use serde::{Deserialize, Serialize};

use crate::kind::Kind;
use crate::{bulk, calls, recovery, throughput};

/// Where a service is, and who may sell there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Service {
    pub(crate) base_urls: Vec<String>,
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) account: String,
    pub(crate) ledger: String,
}

/// A service in a process of its own; it ends with this value.
pub(crate) struct Serving {
    pub(crate) service: Service,
    child: Child,
    says: BufReader<ChildStdout>,
}

impl Serving {
    /// The most enquiries that the service had before it at once since this was asked last.
    pub(crate) fn enquiries_at_once(&mut self) -> usize {
        let asks = self.child.stdin.as_mut().expect("its input");
        asks.write_all(b"?\n").expect("a question");
        self.next_line().trim().parse().expect("a number")
    }

    fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).expect("a line");
        line
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does what a child is told to do; `false` if this is no child.
pub(crate) fn work(words: &[&str]) -> bool {
    let kind = |word: &str| word.parse::<Kind>().expect("a kind");
    let number = |word: &str| word.parse::<u64>().expect("a number");
    match *words {
        ["serve", processing] => serve(Duration::from_millis(number(processing)), Faults::none()),
        ["serve", processing, faults] => serve(
            Duration::from_millis(number(processing)),
            faults.parse().expect("faults"),
        ),
        ["make-calls", one, count] => calls::make(kind(one), number(count)),
        ["keep-busy", one, tasks, millis] => {
            throughput::keep_busy(
                kind(one),
                number(tasks),
                Duration::from_millis(number(millis)),
            );
        }
        ["sell-a-file", file] => bulk::sell(file),
        ["recover", journal] => recovery::recover(journal.as_ref()),
        _ => return false,
    }
    true
}

/// This program, told what to do; under valgrind's `tool`, if one is given.
pub(crate) fn command(valgrind: &[&str], words: &[&str], service: &Service) -> Command {
    let program = std::env::current_exe().expect("this program");
    let mut command = match valgrind {
        [] => Command::new(program),
        words => {
            let mut command = Command::new("valgrind");
            command.args(words).arg(program);
            command
        }
    };
    let json = serde_json::to_string(service).expect("JSON");
    command
        .args(words)
        .env("BENCH_SERVICE", json)
        .env("SMARTCALL_USERNAME", &service.username)
        .env("SMARTCALL_PASSWORD", &service.password)
        .env("SMARTCALL_ACCOUNT", &service.account);
    command
}

/// The service that this child was told of.
pub(crate) fn service() -> Service {
    let json = std::env::var("BENCH_SERVICE").expect("a service");
    serde_json::from_str(&json).expect("a service")
}

/// Starts a service that takes this long for each sale.
pub(crate) fn start(processing: Duration) -> Serving {
    start_with(processing, "none")
}

/// The same, with faults.
pub(crate) fn start_with(processing: Duration, faults: &str) -> Serving {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["serve", &processing.as_millis().to_string(), faults])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the service");
    let mut says = BufReader::new(child.stdout.take().expect("its output"));
    let mut line = String::new();
    says.read_line(&mut line).expect("its first line");
    let service = serde_json::from_str(&line).expect("where it is");
    Serving {
        service,
        child,
        says,
    }
}

fn serve(processing: Duration, faults: Faults) {
    runtime().block_on(async {
        let sandbox = Sandbox::builder()
            .five_minute_rule(false)
            .balance(1_000_000_000.into())
            // Each caller is a process of its own, and logs in anew.
            .token_limit(10_000)
            .processing(processing)
            .faults(faults)
            .start()
            .await
            .expect("a sandbox");
        let service = Service {
            base_urls: sandbox.base_urls(),
            username: sandbox.username().to_owned(),
            password: sandbox.password().to_owned(),
            account: sandbox.account().to_owned(),
            ledger: sandbox.ledger_url(),
        };
        println!("{}", serde_json::to_string(&service).expect("JSON"));
        // Whoever writes a line is told how many enquiries there were at once.
        let told = tokio::task::spawn_blocking(move || {
            for _ in std::io::stdin().lines() {
                println!("{}", sandbox.reads_at_once_max());
            }
            sandbox
        });
        let _sandbox = told.await;
        std::future::pending::<()>().await;
    });
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// For what is counted: one thread, so that chance has the least say.
pub(crate) fn quiet_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}
