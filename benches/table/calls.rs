//! Per call: instructions and allocations of the calling process, as valgrind counts them. Two runs of different length are subtracted, so
//! that starting up, logging in and connecting do not count. Repeatable, whatever else the machine does.

use std::fmt::Write;

use crate::child::{self, Serving};
use crate::kind::{Kind, Seller};

/// The lengths of the two runs.
const FEW: u64 = 20;
const MANY: u64 = 120;

struct Cost {
    instructions: u64,
    allocations: u64,
}

pub(crate) fn make(kind: Kind, count: u64) {
    let service = child::service();
    child::quiet_runtime().block_on(async {
        let seller = Seller::new(kind, &service).await;
        for number in 0..count {
            seller.sell(number).await;
        }
    });
}

pub(crate) fn table() -> String {
    let serving = child::start(std::time::Duration::ZERO);
    let costs = Kind::ALL.map(|kind| cost(kind, &serving));
    let base = &costs[0];
    let mut out = String::from(
        "## One recharge: the caller's process\n\n| | instructions | ratio to (a) | target | allocations | more than (a) | target |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for (kind, cost) in Kind::ALL.into_iter().zip(&costs) {
        let ratio = cost.instructions as f64 / base.instructions as f64;
        let more = cost.allocations as i64 - base.allocations as i64;
        let (ratio_max, more_max) = match kind {
            Kind::Plain | Kind::Sqlite => ("", ""),
            Kind::Bindings => ("1.1", ""),
            Kind::Memory => ("1.3", "40"),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {ratio:.2} | {ratio_max} | {} | {more:+} | {more_max} |",
            kind.title(),
            cost.instructions,
            cost.allocations
        );
    }
    out
}

fn cost(kind: Kind, serving: &Serving) -> Cost {
    let instructions = |count| {
        counted(
            &["--tool=callgrind", "--callgrind-out-file=/dev/null"],
            "Collected :",
            kind,
            count,
            serving,
        )
    };
    let allocations = |count| {
        counted(
            &["--tool=memcheck", "--leak-check=no"],
            "total heap usage:",
            kind,
            count,
            serving,
        )
    };
    Cost {
        instructions: (instructions(MANY) - instructions(FEW)) / (MANY - FEW),
        allocations: (allocations(MANY) - allocations(FEW)) / (MANY - FEW),
    }
}

/// Runs a caller under valgrind, and finds the number after `label` in what that says.
fn counted(valgrind: &[&str], label: &str, kind: Kind, count: u64, serving: &Serving) -> u64 {
    let words = ["make-calls", kind.word(), &count.to_string()];
    let output = child::command(valgrind, &words, &serving.service)
        .output()
        .expect("valgrind (a package of that name) counts instructions and allocations");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let (_, after) = said.split_once(label).unwrap_or_else(|| panic!("{said}"));
    let digits: String = after
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().expect("a number")
}
