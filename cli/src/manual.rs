//! `recharge completions` and `recharge man`: what the command line says of itself, for shells and for `man`.

use std::io::{self, Write};

use clap::CommandFactory;

use crate::args::{Args, CompletionsArgs, ManArgs};
use crate::exit::{Exit, Failure};

pub(crate) fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    let mut command = Args::command();
    let name = command.get_name().to_owned();
    // Into memory first: the generator panics where it cannot write.
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    print(&script)
}

pub(crate) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    if let Some(folder) = &args.to {
        clap_mangen::generate_to(Args::command(), folder)
            .map_err(|error| Failure::other(format!("{}: {error}", folder.display())))?;
        return Ok(Exit::Success);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command()).render(&mut page)?;
    print(&page)
}

fn print(bytes: &[u8]) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(Exit::Success)
}
