//! `recharge sandbox`: a service of one's own to try everything on.

use recharge_sandbox::{Sandbox, serve_until};

use crate::args::SandboxArgs;
use crate::exit::{Exit, Failure};
use crate::stop::Stop;

pub(crate) async fn run(args: SandboxArgs) -> Result<Exit, Failure> {
    let hosts = if args.ports.is_empty() {
        2
    } else {
        args.ports.len()
    };
    let builder = Sandbox::builder()
        .hosts(hosts)
        .ports(args.ports)
        .faults(args.faults)
        .seed(args.seed)
        .five_minute_rule(!args.no_five_minute_rule)
        .balance(args.balance);
    let mut stop = Stop::listen("recharge: the sandbox stops");
    serve_until(builder, std::io::stdout().lock(), stop.wait())
        .await
        .map_err(chain)?;
    Ok(Exit::Success)
}

/// An error with its cause, in one line.
pub(crate) fn chain(error: impl std::error::Error) -> Failure {
    let cause = error
        .source()
        .map(|cause| format!(": {cause}"))
        .unwrap_or_default();
    Failure::other(format!("{error}{cause}"))
}
