//! Where the documents are: those in the repository, and the full corpus when it stands beside the checkout.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A document of Swagger 2.0, and what other converters made of it.
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: Vec<u8>,
    /// By swagger2openapi and by the Java converter.
    pub(crate) expected: [Option<Value>; 2],
}

/// Every document; says aloud when the full corpus is not there.
pub(crate) fn all() -> Vec<Document> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = of(&here.join("corpus"), "swagger2");
    documents.extend(of(&here.join("corpus"), "own"));
    let full = here.join("../../shared/corpus");
    match full.is_dir() {
        true => {
            let known: Vec<String> = documents
                .iter()
                .map(|document| document.name.clone())
                .collect();
            let others = of(&full, "swagger2").into_iter();
            documents.extend(others.filter(|document| !known.contains(&document.name)));
        }
        false => aloud(&format!(
            "SKIPPED: the full corpus is not at {}",
            full.display()
        )),
    }
    documents
}

fn of(folder: &Path, kind: &str) -> Vec<Document> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.join(kind))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let expected = |by: &str, name: &str| {
        let text = std::fs::read(folder.join(by).join(name)).ok()?;
        Some(serde_json::from_slice(&text).unwrap())
    };
    paths
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            Document {
                text: std::fs::read(path).unwrap(),
                expected: [
                    expected("expected-swagger2openapi", &name),
                    expected("expected-java", &name),
                ],
                name,
            }
        })
        .collect()
}

/// Says something past the capture of the test harness, which would keep it to itself.
fn aloud(what: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{what}").expect("stderr");
}
