//! The `recharge` command, built beside the tests so that they can start it and kill it.

use std::process::ExitCode;

fn main() -> ExitCode {
    recharge_cli::run(std::env::args_os())
}
