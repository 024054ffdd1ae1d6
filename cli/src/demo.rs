//! The demonstration.
use crate::args::DemoArgs;
use crate::exit::{Exit, Failure};
use crate::printer::Printer;

pub(crate) const FAULTS: &str = "0.35,refuse-ms=100,late-answer-ms=500,late-sale-ms=200,lag-ms=300";

pub(crate) async fn run(_: DemoArgs, _: &mut Printer) -> Result<Exit, Failure> {
    Ok(Exit::Other)
}
