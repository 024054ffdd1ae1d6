//! Writes the bindings into `OUT_DIR`.
//!
//! Rule: **who only uses the bindings compiles no generator.** With the feature `regenerate`, which every build of the
//! whole workspace has, they are generated from the specifications; without it the files that are checked in are taken.

use std::path::Path;
use std::process::ExitCode;

const SERVICES: [&str; 2] = ["smartcall", "hot"];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    for service in SERVICES {
        if let Err(reason) = write(service) {
            println!("cargo::error={}", reason.replace('\n', " "));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn write(service: &str) -> Result<(), String> {
    let out = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set; this is for cargo to run")?;
    let path = Path::new(&out).join(format!("{service}.rs"));
    std::fs::write(&path, code(service)?).map_err(|error| format!("{}: {error}", path.display()))
}

/// The documents are part of `recharge-spec`, so cargo builds and runs this again when one of them changes.
#[cfg(feature = "regenerate")]
fn code(service: &str) -> Result<String, String> {
    let api = recharge_spec::Api::ALL
        .into_iter()
        .find(|api| api.name() == service)
        .ok_or_else(|| format!("there is no specification of {service}"))?;
    let openapi =
        recharge_spec::openapi(api).map_err(|error| format!("{}: {error}", api.document_path()))?;
    let bindings =
        recharge_spec::emit::bindings(&openapi, &recharge_spec::emit::Options::default())
            .map_err(|error| format!("{}: {error}", api.document_path()))?;
    Ok(bindings.code)
}

#[cfg(not(feature = "regenerate"))]
fn code(service: &str) -> Result<String, String> {
    let path = format!("generated/{service}.rs");
    println!("cargo::rerun-if-changed={path}");
    std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
}
