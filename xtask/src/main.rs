//! Chores of this workspace that cargo does not do already.

mod generate;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <chore>

chores:
    generate            writes generated/*.rs from the specifications
    generate --check    writes nothing; prints what would change and fails if anything would
    openapi <service>   prints the document of a service as the bindings are made of it: OpenAPI 3.0, corrected
    refresh-spec        pulls the document of a service, says what changed, and puts it in place;
                        `refresh-spec --help` for more
";

/// The root of the workspace that this was started in. Cargo says where that is; what was compiled in may be that of
/// another checkout with the same target directory.
fn root() -> std::path::PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR");
    let here = here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let root = std::path::Path::new(&here).join("..");
    root.canonicalize().unwrap_or(root)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["generate"] => generate::write(&root()),
        ["generate", "--check"] => generate::check(&root()),
        ["openapi", service] => generate::document(service),
        ["refresh-spec", rest @ ..] => return xtask::refresh::main(rest, &root()),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}
