//! `cargo xtask generate`: the bindings that are checked in.
//!
//! Rule: **what is checked in is what the specifications say.** The generator is called here itself, not by way of the
//! bindings' build, so that a specification whose bindings do not compile can be written and looked at.

use std::path::Path;

use recharge_spec::{Api, emit};
use similar::TextDiff;

/// One file that is generated.
struct Generated {
    /// The path from the root of the workspace.
    path: String,
    code: String,
}

/// Writes the files.
pub(crate) fn write(root: &Path) -> Result<(), String> {
    for Generated { path, code } in all()? {
        let whole = root.join(&path);
        let same = std::fs::read_to_string(&whole).is_ok_and(|old| old == code);
        if !same {
            std::fs::write(&whole, code)
                .map_err(|error| format!("{}: {error}", whole.display()))?;
        }
        println!("{path}: {}", if same { "unchanged" } else { "written" });
    }
    Ok(())
}

/// Prints what [`write`] would change, and fails if it would.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let mut stale = Vec::new();
    for Generated { path, code } in all()? {
        let old = std::fs::read_to_string(root.join(&path)).unwrap_or_default();
        if old == code {
            println!("{path}: up to date");
            continue;
        }
        let diff = TextDiff::from_lines(&old, &code);
        let header = (format!("a/{path}"), format!("b/{path}"));
        print!(
            "{}",
            diff.unified_diff()
                .context_radius(3)
                .header(&header.0, &header.1)
        );
        stale.push(path);
    }
    match stale.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "not up to date: {}; run `cargo xtask generate`",
            stale.join(", ")
        )),
    }
}

/// Prints what the bindings are made of.
pub(crate) fn document(service: &str) -> Result<(), String> {
    let api = Api::ALL.into_iter().find(|api| api.name() == service);
    let api = api.ok_or_else(|| format!("there is no service {service}"))?;
    let openapi =
        recharge_spec::openapi(api).map_err(|error| format!("{}: {error}", api.document_path()))?;
    println!("{openapi:#}");
    Ok(())
}

/// Everything that is generated, before anything is written.
fn all() -> Result<Vec<Generated>, String> {
    let mut all = Vec::new();
    for api in Api::ALL {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", api.document_path());
        let openapi = recharge_spec::openapi(api).map_err(|error| failed(&error))?;
        let bindings =
            emit::bindings(&openapi, &emit::Options::default()).map_err(|error| failed(&error))?;
        let mocks = emit::mocks(&openapi, api.name()).map_err(|error| failed(&error))?;
        let generated = |file: &str, code| Generated {
            path: format!("generated/{api}{file}.rs"),
            code,
        };
        all.push(generated("", bindings.code));
        all.push(generated("_mock", mocks));
    }
    Ok(all)
}
