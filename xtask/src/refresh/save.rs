//! What is saved of a service, and how it is replaced.
//!
//! Rule: **the lock is written last.** It holds the hash of the document beside it: as long as the two agree, the last
//! run was not interrupted and nobody edited the document, and only then is a pull conditional.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use recharge_spec::{Api, Document, grade};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::fetch::Pulled;
use super::{Error, canonical};

/// Where a saved document is from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Put together by hand; the vendor's own was not to be had.
    Reconstruction,
    /// As the vendor serves it.
    Served,
    /// From a file.
    File,
}

/// `lock.json`: what is known of the saved document.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Lock {
    /// Where it is from.
    pub origin: Origin,
    /// The address that it was pulled from.
    pub url: Option<String>,
    /// When, in UTC.
    pub time: Option<String>,
    /// The hash of its bytes.
    pub sha256: String,
    /// The ETag that came with it, verbatim.
    pub etag: Option<String>,
    /// The version that it states.
    pub version: String,
}

/// A file to write.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct File {
    /// Where.
    pub(super) path: PathBuf,
    /// What.
    pub(super) bytes: Vec<u8>,
}

/// What is saved of a service.
pub(super) struct Saved {
    pub(super) api: Api,
    pub(super) root: PathBuf,
    pub(super) document: Vec<u8>,
    pub(super) overlay: String,
    pub(super) lock: Option<Lock>,
    pub(super) code: String,
}

impl Saved {
    pub(super) fn read(root: &Path, api: Api) -> Result<Self, Error> {
        let read = |path: PathBuf| fs::read(&path).map_err(Error::file(&path));
        let text = |path: PathBuf| fs::read_to_string(&path).map_err(Error::file(&path));
        let mut saved = Self {
            api,
            root: root.to_owned(),
            document: read(root.join("spec").join(api.document_path()))?,
            overlay: text(root.join("spec").join(api.overlay_path()))?,
            lock: None,
            code: String::new(),
        };
        saved.code = fs::read_to_string(saved.code_path()).unwrap_or_default();
        if let Ok(lock) = fs::read(saved.lock_path()) {
            let lock = serde_json::from_slice(&lock);
            let lock =
                lock.map_err(|error| Error::saved(saved.lock_path().display().to_string(), error))?;
            saved.lock = Some(lock);
        }
        Ok(saved)
    }

    pub(super) fn document_path(&self) -> PathBuf {
        self.root.join("spec").join(self.api.document_path())
    }

    pub(super) fn overlay_path(&self) -> PathBuf {
        self.root.join("spec").join(self.api.overlay_path())
    }

    fn canonical_path(&self) -> PathBuf {
        self.root
            .join("spec")
            .join(self.api.name())
            .join("canonical.json")
    }

    pub(super) fn code_path(&self) -> PathBuf {
        self.root.join(format!("generated/{}.rs", self.api.name()))
    }

    pub(super) fn mock_path(&self) -> PathBuf {
        let file = format!("generated/{}_mock.rs", self.api.name());
        self.root.join(file)
    }

    fn lock_path(&self) -> PathBuf {
        self.root
            .join("spec")
            .join(self.api.name())
            .join("lock.json")
    }

    /// The address and the ETag of what is saved, if what is saved is still what was pulled.
    pub(super) fn known_etag(&self) -> Option<(&str, &str)> {
        let lock = self.lock.as_ref()?;
        let untouched = lock.sha256 == sha256(&self.document);
        let known = lock.url.as_deref().zip(lock.etag.as_deref());
        known.filter(|_| untouched)
    }

    /// The canonical form of a document that was just pulled.
    pub(super) fn canonical_of(&self, pulled: &Pulled) -> Result<File, Error> {
        Ok(File {
            path: self.canonical_path(),
            bytes: canonical(read(pulled)?.value()).into_bytes(),
        })
    }

    /// The lock for a document that was just pulled.
    pub(super) fn lock_for(&self, pulled: &Pulled) -> Result<File, Error> {
        let sha256 = sha256(&pulled.bytes);
        let document = read(pulled)?;
        let known = self.lock.as_ref().filter(|lock| lock.sha256 == sha256);
        let lock = match (&pulled.url, known) {
            (Some(url), _) => Lock {
                origin: Origin::Served,
                url: Some(url.clone()),
                time: Some(now()),
                sha256,
                etag: pulled.etag.clone(),
                version: version(document.value()),
            },
            // The same bytes from a file are no news about where they are from.
            (None, Some(lock)) => lock.clone(),
            (None, None) => Lock {
                origin: match grade::is_reconstruction(document.value()) {
                    true => Origin::Reconstruction,
                    false => Origin::File,
                },
                url: None,
                time: None,
                sha256,
                etag: None,
                version: version(document.value()),
            },
        };
        let mut bytes =
            serde_json::to_vec_pretty(&lock).map_err(|error| Error::saved("the lock", error))?;
        bytes.push(b'\n');
        Ok(File {
            path: self.lock_path(),
            bytes,
        })
    }
}

fn read(pulled: &Pulled) -> Result<Document, Error> {
    recharge_spec::read(&pulled.bytes).map_err(|error| Error::Refused {
        from: pulled.name().to_owned(),
        reason: error.to_string(),
    })
}

/// The version that a document states.
pub(super) fn version(document: &serde_json::Value) -> String {
    match &document["info"]["version"] {
        serde_json::Value::String(version) => version.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Writes all files or none: all of them beside the old ones first, then one rename after the other. Files that are as
/// they should be are left alone.
pub(super) fn write(files: &[File]) -> Result<(), Error> {
    let changed = |file: &&File| fs::read(&file.path).map_or(true, |old| old != file.bytes);
    let files: Vec<&File> = files.iter().filter(changed).collect();
    let mut beside: Vec<PathBuf> = Vec::new();
    for file in &files {
        let temporary = temporary(&file.path);
        beside.push(temporary.clone());
        if let Err(error) = write_through(&temporary, &file.bytes) {
            beside.iter().for_each(|path| drop(fs::remove_file(path)));
            return Err(Error::file(&temporary)(error));
        }
    }
    for (file, temporary) in files.iter().zip(&beside) {
        if let Err(error) = fs::rename(temporary, &file.path) {
            let first = temporary == &beside[0];
            beside.iter().for_each(|path| drop(fs::remove_file(path)));
            let path = file.path.display().to_string();
            return Err(match first {
                true => Error::File {
                    path,
                    source: error,
                },
                false => Error::Half {
                    path,
                    source: error,
                },
            });
        }
    }
    for file in &files {
        if let Some(folder) = file
            .path
            .parent()
            .and_then(|folder| fs::File::open(folder).ok())
        {
            // A folder that cannot be synced is no reason to fail: the renames are done.
            drop(folder.sync_all());
        }
    }
    Ok(())
}

fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.new", std::process::id()))
}

fn write_through(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
