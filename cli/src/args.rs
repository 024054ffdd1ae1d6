//! The command line. No secret is ever an argument: arguments are seen by every user of the machine.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum, value_parser};
use recharge::{Msisdn, ProductId, Rand, Reference};
use recharge_sandbox::Faults;
use rust_decimal::Decimal;

const EXIT_CODES: &str = "\
Exit codes: 0 all succeeded; 2 usage or bad input; 3 something was refused (failed, cancelled);
4 something is pending or unresolved; 1 anything else (not sent, errors of the service).
If several apply, 4 goes before 3, 3 before 1, and 1 before 2.";

/// Sells prepaid airtime through Smartcall V3: never sold twice, never lost.
#[derive(Debug, Parser)]
#[command(name = "recharge", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Args {
    /// How outcomes are printed: json is one object per line and recharge
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,

    /// The journal of sales, one SQLite file (default: $RECHARGE_JOURNAL, else recharge/recharge.journal
    /// in the data folder of the user, such as ~/.local/share)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
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
    /// Looks into the journal, also while another process sells
    Journal(JournalArgs),
    Sandbox(SandboxArgs),
    Demo(DemoArgs),
}

/// Sells, enquires and recovers through Smartcall V3 (South Africa).
///
/// Credentials come from the environment, SMARTCALL_USERNAME and SMARTCALL_PASSWORD, or from a file;
/// never from an argument. The account that pays is SMARTCALL_ACCOUNT.
#[derive(Debug, clap::Args)]
pub(crate) struct SmartcallArgs {
    /// The base URL of a host, with /webservice; once for each host (default: production's two)
    #[arg(long = "base-url", global = true, value_name = "URL")]
    pub(crate) base_urls: Vec<String>,

    /// The Smartload account that pays (default: SMARTCALL_ACCOUNT)
    #[arg(long, global = true, value_name = "MSISDN")]
    pub(crate) account: Option<Msisdn>,

    /// A file with SMARTCALL_USERNAME, SMARTCALL_PASSWORD and SMARTCALL_ACCOUNT, as NAME=value lines or
    /// as a JSON object, that only its owner can read; it goes before the environment
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,

    /// How long one request may take (default: 60000)
    #[arg(long, global = true, value_name = "MS", value_parser = value_parser!(u64).range(1..=MS_MAX))]
    pub(crate) timeout_ms: Option<u64>,

    /// How long "does not exist" is not believed after a request in doubt (default: 120000). Must exceed
    /// the longest time that the service needs for one recharge
    #[arg(long, global = true, value_name = "MS", value_parser = value_parser!(u64).range(0..=MS_MAX))]
    pub(crate) settle_ms: Option<u64>,

    /// How long one recharge is worked on before it is handed over as pending or unresolved
    /// (default: 600000). It stays open in the journal
    #[arg(long, global = true, value_name = "MS", value_parser = value_parser!(u64).range(1..=MS_MAX))]
    pub(crate) deadline_ms: Option<u64>,

    #[command(subcommand)]
    pub(crate) command: SmartcallCommand,
}

/// A week: the service forgets a reference after that.
const MS_MAX: u64 = 7 * 24 * 60 * 60 * 1000;

#[derive(Debug, Subcommand)]
pub(crate) enum SmartcallCommand {
    /// Prints the balance of the account in rand
    Balance,
    /// Asks whether the service is there; needs no credentials
    Ping,
    Recharge(RechargeArgs),
    Bulk(BulkArgs),
    /// Asks the service what it knows of a reference; changes nothing
    Enquire(EnquireArgs),
    /// Settles every sale in the journal whose end is not known
    Recover,
}

/// Recharges one subscriber.
///
/// With a reference that the journal holds, the sale is carried on, not made again: one that has ended
/// prints the outcome that it had.
#[derive(Debug, clap::Args)]
pub(crate) struct RechargeArgs {
    /// The product's id, such as 62 for Vodacom airtime
    #[arg(long, value_name = "ID")]
    pub(crate) product: ProductId,

    /// Who is recharged: 27821234567, +27821234567 or 0821234567
    #[arg(long)]
    pub(crate) msisdn: Msisdn,

    /// How much, in rand, such as 10 or 29.50
    #[arg(long, value_name = "RAND")]
    pub(crate) amount: Rand,

    /// Your name for this sale, never to be used for another; without it a random one is made
    #[arg(long)]
    pub(crate) reference: Option<Reference>,
}

/// Recharges every row of a file, at most once however often it is run.
///
/// The file has the columns msisdn,product,amount[,reference], in this order or in that of a first line
/// which names them.
///
/// A row without a reference gets one that is made of the account, the NAME of the file, the number, the
/// product and the amount (and of how many identical rows stand before it). The same file name with the
/// same row therefore means the same sale: running a file again after a crash sells what is missing and
/// nothing twice, and rows may be added, removed and moved. TO SELL THE SAME LIST AGAIN, RENAME THE FILE OR
/// GIVE REFERENCES. The journal remembers for 400 days.
///
/// A bad row is named on standard error by its line, and the others are sold. Ctrl-C takes no new rows and
/// waits for those in work; a second one ends at once, which is as safe.
#[derive(Debug, clap::Args)]
pub(crate) struct BulkArgs {
    /// The file
    #[arg(value_name = "FILE.csv")]
    pub(crate) file: PathBuf,

    /// How many rows are worked on at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = value_parser!(u16).range(1..=256))]
    pub(crate) concurrency: u16,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EnquireArgs {
    /// The reference that the sale was made with
    #[arg(value_name = "REF")]
    pub(crate) reference: Reference,
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
        ] {
            let args = Args::try_parse_from(line.split(' ')).expect(line);
            assert_eq!(
                (args.output, args.journal),
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
