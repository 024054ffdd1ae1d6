//! Generates what the tests of the bindings need and nobody else: the bindings once more, with JSON schemas, and a
//! table from the name of a type to a function that reads and writes it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use recharge_spec::{Api, emit};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    for api in Api::ALL {
        if let Err(reason) = write(api) {
            println!("cargo::error={api}: {}", reason.replace('\n', " "));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn write(api: Api) -> Result<(), String> {
    let openapi = recharge_spec::openapi(api).map_err(|error| error.to_string())?;
    let options = emit::Options { json_schema: true };
    let bindings = emit::bindings(&openapi, &options).map_err(|error| error.to_string())?;
    let names = type_names(&bindings.code)?;
    let out = std::env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    let out = Path::new(&out);
    let write = |name: String, text: &str| {
        let path = out.join(name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    write(format!("{api}_with_schemas.rs"), &bindings.code)?;
    write(format!("{api}_schemas.rs"), &schemas(&names))?;
    write(format!("{api}_types.rs"), &types(&names))
}

fn type_names(code: &str) -> Result<BTreeSet<String>, String> {
    let file = syn::parse_file(code).map_err(|error| error.to_string())?;
    let types = file.items.into_iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content,
        _ => None,
    });
    let (_, items) = types.ok_or("no module `types`")?;
    let names = items.into_iter().filter_map(|item| match item {
        syn::Item::Struct(item) => Some(item.ident.to_string()),
        syn::Item::Enum(item) => Some(item.ident.to_string()),
        _ => None,
    });
    Ok(names.collect())
}

/// All schemas, by name of the type.
fn schemas(names: &BTreeSet<String>) -> String {
    let mut code = String::from("vec![\n");
    for name in names {
        let _ = writeln!(
            code,
            "    ({name:?}, ::schemars::schema_for!(types::{name})),"
        );
    }
    code + "]\n"
}

/// A match from the name in the table of operations to the type.
fn types(names: &BTreeSet<String>) -> String {
    let mut code = String::from("match name {\n");
    for name in names {
        let _ = writeln!(
            code,
            "    {name:?} => Some(there_and_back::<types::{name}>(json)),"
        );
        let _ = writeln!(
            code,
            "    \"Vec<{name}>\" => Some(there_and_back::<Vec<types::{name}>>(json)),"
        );
    }
    code + "    \"String\" => Some(there_and_back::<String>(json)),\n    _ => None,\n}\n"
}
