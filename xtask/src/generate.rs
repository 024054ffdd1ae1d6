//! `cargo xtask generate`: the bindings that are checked in.
//!
//! Rule: **what is checked in is what the specifications say.** The generator is called here itself, not by way of the
//! bindings' build, so that a specification whose bindings do not compile can be written and looked at.

use std::path::Path;

use recharge_spec::{Api, emit};
use similar::TextDiff;

/// Writes the files.
pub(crate) fn write(root: &Path) -> Result<(), String> {
    for api in Api::ALL {
        let code = code(api)?;
        let path = root.join(shown(api));
        let same = std::fs::read_to_string(&path).is_ok_and(|old| old == code);
        if !same {
            std::fs::write(&path, code).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        println!(
            "{}: {}",
            shown(api),
            if same { "unchanged" } else { "written" }
        );
    }
    Ok(())
}

/// Prints what [`write`] would change, and fails if it would.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let mut stale = Vec::new();
    for api in Api::ALL {
        let code = code(api)?;
        let old = std::fs::read_to_string(root.join(shown(api))).unwrap_or_default();
        if old == code {
            println!("{}: up to date", shown(api));
            continue;
        }
        let diff = TextDiff::from_lines(&old, &code);
        let header = (format!("a/{}", shown(api)), format!("b/{}", shown(api)));
        print!(
            "{}",
            diff.unified_diff()
                .context_radius(3)
                .header(&header.0, &header.1)
        );
        stale.push(shown(api));
    }
    match stale.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "not up to date: {}; run `cargo xtask generate`",
            stale.join(", ")
        )),
    }
}

fn code(api: Api) -> Result<String, String> {
    let openapi =
        recharge_spec::openapi(api).map_err(|error| format!("{}: {error}", api.document_path()))?;
    let bindings = emit::bindings(&openapi, &emit::Options::default())
        .map_err(|error| format!("{}: {error}", api.document_path()))?;
    Ok(bindings.code)
}

/// The path from the root of the workspace, for messages.
fn shown(api: Api) -> String {
    format!("generated/{}.rs", api.name())
}
