//! The command sells a file against a service that takes 300 ms for each sale: how close it comes to rows x 0.3 s / concurrency, and whether
//! its memory grows with the file.

use std::fmt::Write;
use std::path::Path;
use std::process::Stdio;
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
    let serving = child::start(SALE);
    let few = run(FEW_ROWS, &serving);
    let all = run(ROWS, &serving);
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
    let service = &serving.service;
    let begun = Instant::now();
    let output = child::command(&[], &["sell-a-file", &file.to_string_lossy()], service)
        .env("SMARTCALL_USERNAME", &service.username)
        .env("SMARTCALL_PASSWORD", &service.password)
        .env("SMARTCALL_ACCOUNT", &service.account)
        .stdout(Stdio::null())
        .output()
        .expect("the command");
    let took = begun.elapsed();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let memory_kib = said
        .lines()
        .find_map(|line| line.strip_prefix("peak memory in KiB: "))
        .and_then(|number| number.parse().ok());
    Run {
        took,
        memory_kib: memory_kib.unwrap_or_else(|| panic!("{said}")),
    }
}

/// Is the command, then says how much memory it took.
pub(crate) fn sell(file: &str) {
    let service = child::service();
    let journal = Path::new(file).with_extension("journal");
    let mut line = vec!["recharge", "--output", "json", "--journal"];
    let (journal, concurrency) = (journal.to_string_lossy(), CONCURRENCY.to_string());
    line.extend([&*journal, "smartcall"]);
    for base_url in &service.base_urls {
        line.extend(["--base-url", base_url]);
    }
    line.extend(["bulk", file, "--concurrency", &concurrency]);
    let exit = recharge_cli::run(line.into_iter().map(Into::into));
    eprintln!("peak memory in KiB: {}", peak_memory_kib());
    assert_eq!(
        format!("{exit:?}"),
        format!("{:?}", std::process::ExitCode::SUCCESS)
    );
}

/// The most memory that this process ever had.
pub(crate) fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("Linux");
    let number = line.trim().trim_end_matches(" kB");
    number.parse().expect("a number")
}
