//! A copy of what the command works on, so that no test touches the checkout.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use recharge_spec::Api;
use recharge_spec::report::Report;
use serde_json::Value;
use xtask::refresh::surface::{self, Surface};
use xtask::refresh::{Error, Options, Outcome, Surroundings, run};

use super::server::Server;

/// Everything that the command reads or writes.
const COPIED: [&str; 7] = [
    "spec/smartcall",
    "spec/hot",
    "generated",
    "facade/src",
    "sandbox/src",
    "cli/src",
    "tests/src",
];

/// A copy of the workspace.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for name in COPIED {
            copy(&root.join(name), &folder.path().join(name));
        }
        Self { folder }
    }

    /// A copy in which `document` is what was saved of Smartcall.
    pub(crate) fn with(document: &Value) -> Self {
        let bench = Self::new();
        let file = bench.root().join("given.json");
        fs::write(&file, pretty(document)).unwrap();
        let mut options = Options::of(Api::Smartcall);
        options.file = Some(file.clone());
        options.accept = true;
        bench.run(&options).unwrap();
        fs::remove_file(file).unwrap();
        bench
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn run(&self, options: &Options) -> Result<Outcome, Error> {
        let (outcome, _) = self.run_aloud(options);
        outcome
    }

    /// As [`Self::run`], with what was said.
    pub(crate) fn run_aloud(&self, options: &Options) -> (Result<Outcome, Error>, String) {
        let mut out = Vec::new();
        let surroundings = Surroundings {
            root: self.root().to_owned(),
            password: Some("sesame".to_owned()),
            pause: Duration::from_millis(1),
            confirm: &|_: &Report| false,
            out: &mut out,
        };
        let outcome = run(options, surroundings);
        (outcome, String::from_utf8(out).unwrap())
    }

    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    pub(crate) fn lock(&self) -> Value {
        serde_json::from_str(&self.text("spec/smartcall/lock.json")).unwrap()
    }

    /// What the bindings offer.
    pub(crate) fn surface(&self) -> Surface {
        surface::read(&self.text("generated/smartcall.rs")).unwrap()
    }

    /// Every file with its content.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.root(), &mut files);
        files
    }
}

/// The options for a server.
pub(crate) fn from(server: &Server) -> Options {
    let mut options = Options::of(Api::Smartcall);
    options.url = Some(server.url());
    options.ca_cert = Some(server.root_certificate());
    options
}

pub(crate) fn accepting(server: &Server) -> Options {
    Options {
        accept: true,
        ..from(server)
    }
}

pub(crate) fn checking(server: &Server) -> Options {
    Options {
        check: true,
        ..from(server)
    }
}

/// The saved document of Smartcall.
pub(crate) fn saved() -> Value {
    serde_json::from_str(Api::Smartcall.document()).unwrap()
}

pub(crate) fn pretty(document: &Value) -> Vec<u8> {
    format!("{document:#}").into_bytes()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, files),
            false => drop(files.insert(path.clone(), fs::read(&path).unwrap())),
        }
    }
}
