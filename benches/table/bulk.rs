//! The command sells a file against a service that takes 300 ms for each sale: how close it comes to rows x 0.3 s / concurrency, and whether
//! its memory grows with the file.

use std::fmt::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use crate::child::{self, Serving};
use crate::kind::disk;

const SALE: Duration = Duration::from_millis(300);
const CONCURRENCY: u64 = 512;
const FEW_ROWS: u64 = 20_000;
const ROWS: u64 = 100_000;

struct Run {
    took: Duration,
    memory_kib: u64,
}

pub(crate) fn table() -> String {
    // A service each: rows that it has sold before would be told at once.
    let [few, all] = [FEW_ROWS, ROWS].map(|rows| run(rows, &child::start(SALE)));
    let ideal = SALE.as_secs_f64() * ROWS as f64 / CONCURRENCY as f64;
    let mut out = String::from("## `recharge smartcall bulk`, 300 ms a sale\n\n");
    let _ = writeln!(
        out,
        "| rows | concurrency | took | rows x 0.3 s / concurrency | over | target | peak memory |\n|---:|---:|---:|---:|---:|---:|---:|\n| {FEW_ROWS} | {CONCURRENCY} | {:.1} s | | | | {:.1} MiB |\n| {ROWS} | {CONCURRENCY} | {:.1} s | {ideal:.1} s | {:+.1} % | 5 % | {:.1} MiB |",
        few.took.as_secs_f64(),
        few.memory_kib as f64 / 1024.0,
        all.took.as_secs_f64(),
        (all.took.as_secs_f64() / ideal - 1.0) * 100.0,
        all.memory_kib as f64 / 1024.0,
    );
    out
}

fn run(rows: u64, serving: &Serving) -> Run {
    let folder = tempfile::tempdir_in(disk()).expect("a folder");
    let file = folder.path().join("payroll.csv");
    let lines: String = (0..rows)
        .map(|row| format!("2782{row:07},62,5\n"))
        .collect();
    std::fs::write(&file, lines).expect("a file");
    let begun = Instant::now();
    let words = ["sell-a-file", &file.to_string_lossy()];
    let mut command = child::command(&[], &words, &serving.service);
    let output = command.stdout(Stdio::null()).output().expect("the command");
    let took = begun.elapsed();
    Run {
        took,
        memory_kib: memory_kib(&output),
    }
}

/// Is the command that sells a file.
pub(crate) fn sell(file: &str) {
    let journal = Path::new(file).with_extension("journal");
    let concurrency = CONCURRENCY.to_string();
    be_the_command(&journal, &["bulk", file, "--concurrency", &concurrency]);
}

/// Is the command, then says how much memory it took.
pub(crate) fn be_the_command(journal: &Path, words: &[&str]) {
    let service = child::service();
    let mut line = vec!["recharge", "--output", "json", "--journal"];
    let journal = journal.to_string_lossy();
    line.extend([&*journal, "smartcall"]);
    for base_url in &service.base_urls {
        line.extend(["--base-url", base_url]);
    }
    line.extend(words);
    let exit = recharge_cli::run(line.into_iter().map(Into::into));
    eprintln!("{PEAK_MEMORY}{}", peak_memory_kib());
    assert_eq!(
        format!("{exit:?}"),
        format!("{:?}", std::process::ExitCode::SUCCESS)
    );
}

const PEAK_MEMORY: &str = "peak memory in KiB: ";

/// What a child that was the command says of its memory.
pub(crate) fn memory_kib(output: &Output) -> u64 {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said.lines()
        .find_map(|line| line.strip_prefix(PEAK_MEMORY))
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("{said}"))
}

/// The most memory that this process ever had.
fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("Linux");
    let number = line.trim().trim_end_matches(" kB");
    number.parse().expect("a number")
}
