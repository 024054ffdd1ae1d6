//! Writes the bindings into `OUT_DIR`.
//!
//! Rule: **who only uses the bindings compiles no generator.** With the feature `regenerate`, which every build of the
//! whole workspace has, they are generated from the specifications; without it the files that are checked in are taken.

use std::path::Path;
use std::process::ExitCode;

const SERVICES: [&str; 2] = ["smartcall", "hot"];

/// The bindings themselves, and what a feature adds; how their files' names end.
const PARTS: &[&str] = if cfg!(feature = "mock") {
    &["", "_mock"]
} else {
    &[""]
};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    for service in SERVICES {
        for part in PARTS {
            if let Err(reason) = write(service, part) {
                println!("cargo::error={}", reason.replace('\n', " "));
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn write(service: &str, part: &str) -> Result<(), String> {
    let out = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set; this is for cargo to run")?;
    let path = Path::new(&out).join(format!("{service}{part}.rs"));
    std::fs::write(&path, code(service, part)?)
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The documents are part of `recharge-spec`, so cargo builds and runs this again when one of them changes.
#[cfg(feature = "regenerate")]
fn code(service: &str, part: &str) -> Result<String, String> {
    let api = recharge_spec::Api::ALL
        .into_iter()
        .find(|api| api.name() == service)
        .ok_or_else(|| format!("there is no specification of {service}"))?;
    let openapi =
        recharge_spec::openapi(api).map_err(|error| format!("{}: {error}", api.document_path()))?;
    let code = match part {
        "_mock" => recharge_spec::emit::mocks(&openapi, service),
        _ => recharge_spec::emit::bindings(&openapi, &recharge_spec::emit::Options::default())
            .map(|bindings| bindings.code),
    };
    code.map_err(|error| format!("{}: {error}", api.document_path()))
}

#[cfg(not(feature = "regenerate"))]
fn code(service: &str, part: &str) -> Result<String, String> {
    let path = format!("generated/{service}{part}.rs");
    println!("cargo::rerun-if-changed={path}");
    std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
}
