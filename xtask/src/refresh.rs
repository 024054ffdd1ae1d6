//! `cargo xtask refresh-spec`: pulls the document of a service, says what changed, and puts it in place.
//!
//! Rule: **no file is touched before everything is known to work.** The document is pulled, read, converted, corrected,
//! compared and turned into bindings in memory; only then are files written, each beside the old one and renamed over
//! it, the lock last. What is confirmed is what was reported.

mod canonical;
mod error;
mod fetch;
mod keep;
mod options;
mod plan;
mod save;
pub mod surface;
mod touch;
pub mod uses;

use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use recharge_spec::Api;
use recharge_spec::report::Report;

pub use canonical::canonical;
pub use error::Error;
pub use options::{Options, USAGE};
pub use save::{Lock, Origin};

use fetch::Fetched;
use plan::Plan;
use save::Saved;

/// The environment variable with the password of `--user`.
pub const PASSWORD: &str = "REFRESH_SPEC_PASSWORD";

/// Everything that is not a matter of the document.
pub struct Surroundings<'a> {
    /// The root of the workspace.
    pub root: PathBuf,
    /// The password of `--user`.
    pub password: Option<String>,
    /// How long to wait before the first retry; each further one waits twice as long.
    pub pause: Duration,
    /// Asks whether to go on. Not called with `--accept`.
    pub confirm: &'a dyn Fn(&Report) -> bool,
    /// Where to say what happens.
    pub out: &'a mut dyn Write,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// What is served is what is saved.
    Unchanged,
    /// It differs, and nothing was written: `--check`, or nobody confirmed it.
    Differs(Box<Report>),
    /// It differed, and is in place.
    Written(Box<Report>),
}

/// Runs the command with its arguments: exit code 0 when all is well, 1 when the document differs and was left alone, 2
/// when something failed.
pub fn main(arguments: &[&str], root: &Path) -> ExitCode {
    if arguments
        .iter()
        .any(|argument| matches!(*argument, "--help" | "-h"))
    {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(reason) => {
            eprintln!("{reason}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let surroundings = Surroundings {
        root: root.to_owned(),
        password: std::env::var(PASSWORD).ok(),
        pause: Duration::from_secs(1),
        confirm: &confirm,
        out: &mut std::io::stdout(),
    };
    match run(&options, surroundings) {
        Ok(Outcome::Unchanged | Outcome::Written(_)) => ExitCode::SUCCESS,
        Ok(Outcome::Differs(_)) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            if !matches!(error, Error::Half { .. }) {
                eprintln!("No file was touched.");
            }
            ExitCode::from(2)
        }
    }
}

fn confirm(_: &Report) -> bool {
    if !std::io::stdin().is_terminal() {
        eprintln!("Nobody is there to confirm this; --accept does it.");
        return false;
    }
    eprint!("Put this document in place and generate the bindings again? [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Runs the command.
///
/// # Errors
/// When the document cannot be pulled, is none, or bindings cannot be made of it. Then no file was touched, but for
/// [`Error::Half`].
pub fn run(options: &Options, surroundings: Surroundings<'_>) -> Result<Outcome, Error> {
    let Surroundings {
        root,
        password,
        pause,
        confirm,
        out,
    } = surroundings;
    let saved = Saved::read(&root, options.api)?;
    let fetched = match &options.file {
        Some(path) => Fetched::from_file(path)?,
        None => fetch::fetch(options, password.as_deref(), saved.known_etag(), pause)?,
    };
    let pulled = match fetched {
        Fetched::Unchanged { url } => {
            say(out, format_args!("{url}: not modified since the last pull"))?;
            return Ok(Outcome::Unchanged);
        }
        Fetched::Document(pulled) => pulled,
    };
    if pulled.bytes == saved.document {
        // Nothing to review. But the next pull can be conditional; and of a document that was edited by hand the
        // canonical form and the lock are made again.
        if !options.check {
            save::write(&[saved.canonical_of(&pulled)?, saved.lock_for(&pulled)?])?;
        }
        say(
            out,
            format_args!("{}: what is served is what is saved", pulled.name()),
        )?;
        return Ok(Outcome::Unchanged);
    }
    let plan = Plan::make(&root, &saved, &pulled)?;
    let markdown = plan.report.markdown();
    say(out, format_args!("{markdown}"))?;
    for path in &options.reports {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let text = if is_json {
            plan.report.json()
        } else {
            markdown.clone()
        };
        std::fs::write(path, text).map_err(Error::file(path))?;
    }
    let report = Box::new(plan.report);
    if options.check || !(options.accept || confirm(&report)) {
        return Ok(Outcome::Differs(report));
    }
    save::write(&plan.files)?;
    say(
        out,
        format_args!("{}", next_steps(options.api, &plan.files)),
    )?;
    Ok(Outcome::Written(report))
}

fn say(out: &mut dyn Write, text: std::fmt::Arguments<'_>) -> Result<(), Error> {
    writeln!(out, "{text}").map_err(Error::file("standard output"))
}

fn next_steps(api: Api, files: &[save::File]) -> String {
    let mut text = String::from("Written:\n");
    for file in files {
        text.push_str(&format!("  {}\n", file.path.display()));
    }
    text.push_str(&format!(
        "Next:\n  \
         1. cargo check --workspace --all-targets     the report names the places to look at\n  \
         2. cargo test -p recharge-spec -p recharge-tests     then `cargo insta review`: each changed line is a \
         change of the bindings\n  \
         3. spec/{api}/overlay.yaml: take out what is unnecessary, mend what no longer matches, move our code away from \
         what is kept there\n  \
         4. commit all of it together, with the report as the text of the pull request\n"
    ));
    text
}
