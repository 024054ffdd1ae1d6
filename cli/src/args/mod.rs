//! The command line, split by service. No secret is ever an argument: arguments are seen by every user of the machine.

mod hot;
mod smartcall;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use recharge::Reference;
use recharge_sandbox::Faults;
use rust_decimal::Decimal;

pub(crate) use hot::*;
pub(crate) use smartcall::*;

const EXIT_CODES: &str = "\
Exit codes: 0 all succeeded; 2 usage or bad input; 3 something was refused (failed, cancelled);
4 something is pending or unresolved; 1 anything else (not sent, errors of the service);
5 nothing failed, but something is to be looked at (doctor, reconcile).
If several apply, 4 goes before 3, 3 before 1, 1 before 2, and 2 before 5.";

/// Sells prepaid airtime, data, electricity and payments through Smartcall V3 and HOT Recharge v3: never sold twice, never lost.
#[derive(Debug, Parser)]
#[command(name = "recharge", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Args {
    /// How outcomes are printed: json is one object per line and recharge
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    output: Output,

    /// The same as --output json
    #[arg(long, global = true)]
    json: bool,

    /// The journal of sales, one SQLite file (default: $RECHARGE_JOURNAL, else recharge/recharge.journal
    /// in the data folder of the user, such as ~/.local/share)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// How outcomes are printed.
    pub(crate) fn output(&self) -> Output {
        if self.json { Output::Json } else { self.output }
    }
}

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    Json,
    Table,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Smartcall(SmartcallArgs),
    Hot(HotArgs),
    /// Looks into the journal, also while another process sells; ends what only a person can end
    Journal(JournalArgs),
    Sandbox(SandboxArgs),
    Demo(DemoArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct JournalArgs {
    #[command(subcommand)]
    pub(crate) command: JournalCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    /// Prints the rows in the order of their references; exit code 0 whatever they hold
    List {
        /// Only those whose end is not known
        #[arg(long)]
        open: bool,
    },
    Decide(DecideArgs),
}

/// Ends an open sale by what a person found out. Only for what no enquiry can tell
///
/// Ask the service's people first. A sale that is said not to have happened, and did, is sold twice by whoever sells it again.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("decision").required(true)))]
pub(crate) struct DecideArgs {
    /// The reference of the sale
    #[arg(value_name = "REF")]
    pub(crate) reference: Reference,

    /// It happened
    #[arg(long, group = "decision")]
    pub(crate) sold: bool,

    /// It did not, and cannot happen any more
    #[arg(long, group = "decision")]
    pub(crate) not_sold: bool,

    /// The service's own reference of it, if it is known
    #[arg(long, value_name = "REF", conflicts_with = "not_sold")]
    pub(crate) provider_reference: Option<Reference>,

    /// Whose sale it is, if the journal has the reference of several accounts
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,

    /// Does not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Serves a stand-in for Smartcall and for HOT on this machine, until ctrl-c.
///
/// Prints one line of JSON: base_urls, ledger, username, password, account, and under hot: base_urls, access_code, password.
#[derive(Debug, clap::Args)]
pub(crate) struct SandboxArgs {
    /// The port of a host; once for each host (default: two free ports)
    #[arg(long = "port", value_name = "PORT")]
    pub(crate) ports: Vec<u16>,

    /// What goes wrong, such as 0.35 or reset-after=0.1,late-sale=0.05
    #[arg(long, value_name = "SPEC", default_value = "none")]
    pub(crate) faults: Faults,

    /// Decides which request meets which fault
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// Lets the same number have the same amount again within five minutes
    #[arg(long)]
    pub(crate) no_five_minute_rule: bool,

    /// What the account holds, in rand
    #[arg(long, value_name = "RAND", default_value = "100000")]
    pub(crate) balance: Decimal,
}

/// Sells 50 recharges to a faulty sandbox and counts: sold once, sold twice, lost.
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Decides which request meets which fault
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) seed: u64,

    /// What goes wrong, as for the sandbox
    #[arg(long, value_name = "SPEC", default_value = crate::demo::FAULTS)]
    pub(crate) faults: String,
}

/// Prints what completes this command in a shell.
///
/// For bash: recharge completions bash > ~/.local/share/bash-completion/completions/recharge
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

/// Prints the manual page, or writes one for each command.
#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// Writes recharge.1 and a page for each command into this folder, which must be there
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn shared_options_are_taken_before_and_after_the_subcommand() {
        for line in [
            "recharge --output json --journal j smartcall --base-url a --base-url b --deadline-ms 5 recover",
            "recharge smartcall recover --base-url a --base-url b --deadline-ms 5 --journal j --output json",
            "recharge smartcall --output json --journal j --base-url a --base-url b recover --deadline-ms 5",
            "recharge smartcall --base-url a --base-url b recover --deadline-ms 5 --journal j --json",
        ] {
            let args = Args::try_parse_from(line.split(' ')).expect(line);
            assert_eq!(
                (args.output(), args.journal),
                (Output::Json, Some("j".into())),
                "{line}"
            );
            let Command::Smartcall(smartcall) = args.command else {
                panic!("{line}")
            };
            assert_eq!(smartcall.base_urls, ["a", "b"], "{line}");
            assert_eq!(smartcall.deadline_ms, Some(5), "{line}");
        }
    }
}
