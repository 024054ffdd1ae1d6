//! The command `recharge`: balances, sales one by one and in bulk, enquiries, recovery, and a sandbox to try them on.
//!
//! **The rule: nothing is told before the library has returned it, and what is told is flushed at
//! once.** The command decides nothing about money: each sale goes through
//! [`recharge::smartcall::Client`], and what is printed is what that returned or what the journal
//! holds. It may be killed at any moment; the same command again carries on.
//!
//! [`run`] is the whole program, so that another binary can be the same command.

mod args;
mod bulk;
mod client;
mod confirm;
mod counts;
mod credentials;
mod demo;
mod exit;
mod hot;
mod journal;
mod manual;
mod printer;
mod receipt;
mod references;
mod report;
mod rows;
mod sandbox;
mod seller;
mod smartcall;
mod stop;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::args::{Args, Command};
use crate::exit::{Exit, Failure, note};
use crate::printer::Printer;

/// Runs the command with these arguments, the first of which is its name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            // Help and the version are no mistakes; there is nobody to tell if they cannot be written.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    log_to_stderr();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            note(format!("recharge: no threads to work with: {error}"));
            return Exit::Other.into();
        }
    };
    match runtime.block_on(dispatch(args)) {
        Ok(exit) => exit.into(),
        Err(Failure { exit, message }) => {
            note(format!("recharge: {message}"));
            exit.into()
        }
    }
}

async fn dispatch(args: Args) -> Result<Exit, Failure> {
    let mut printer = Printer::new(args.output());
    match args.command {
        Command::Smartcall(smartcall) => {
            smartcall::run(smartcall, args.journal, &mut printer).await
        }
        Command::Hot(hot) => hot::run(hot, args.journal, &mut printer).await,
        Command::Journal(journal) => journal::run(journal, args.journal, &mut printer).await,
        Command::Sandbox(options) => sandbox::run(options).await,
        Command::Demo(options) => demo::run(options, &mut printer).await,
        Command::Completions(options) => manual::completions(&options),
        Command::Man(options) => manual::man(&options),
    }
}

/// Standard output is for outcomes alone.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    // A program that embeds this command may log in its own way already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
