//! The other processes: this program again, told what to do.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use recharge_sandbox::Sandbox;
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
        ["serve", processing] => serve(Duration::from_millis(number(processing))),
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
    let service = serde_json::to_string(service).expect("JSON");
    command.args(words).env("BENCH_SERVICE", service);
    command
}

/// The service that this child was told of.
pub(crate) fn service() -> Service {
    let json = std::env::var("BENCH_SERVICE").expect("a service");
    serde_json::from_str(&json).expect("a service")
}

/// Starts a service that takes this long for each sale.
pub(crate) fn start(processing: Duration) -> Serving {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["serve", &processing.as_millis().to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the service");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output"))
        .read_line(&mut line)
        .expect("its first line");
    let service = serde_json::from_str(&line).expect("where it is");
    Serving { service, child }
}

fn serve(processing: Duration) {
    runtime().block_on(async {
        let sandbox = Sandbox::builder()
            .five_minute_rule(false)
            .balance(1_000_000_000.into())
            // Each caller is a process of its own, and logs in anew.
            .token_limit(10_000)
            .processing(processing)
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
