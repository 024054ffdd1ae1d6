//! The file of an order, from the wire to the disk.

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use bytes::Bytes;
use futures_core::Stream;
use progenitor_client::ByteStream;
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt;

use super::super::client::Client;
use super::super::reading;
use super::super::sales::Counter;
use crate::domain::Reference;
use crate::error::ReadError;
use crate::journal::Intent;
use crate::recovery::{Delivery, Host};
use crate::transport::delivery::{Answer, Body};

/// The largest file that is taken from the wire: some hundred thousand vouchers.
pub(super) const BYTES_MAX: u64 = 64 << 20;
/// How a ZIP archive begins.
const ARCHIVE: &[u8] = b"PK";
/// The longest answer that is looked at because it is no archive.
const ERROR_BYTES_MAX: usize = 64 << 10;

/// Why there is no file. No money moved; ask again when the reason is gone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The service knows no such order (code 2001). **That is no proof that it was not made.**
    #[error("the service knows no such order")]
    DoesNotExist,
    /// The service is still working on the order (codes 1002, 1004, 1006).
    #[error("the file is not ready yet")]
    NotReady,
    /// What arrived is no ZIP archive.
    #[error("what arrived is no ZIP archive")]
    NotAnArchive,
    /// The file is larger than is taken.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The file could not be written.
    #[error("the file could not be written: {0}")]
    Disk(#[from] std::io::Error),
    /// The service did not let us in, answered with an error, or did not answer.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl FileError {
    /// What of several hosts' reasons is told.
    fn rank(&self) -> u8 {
        match self {
            Self::Read(_) => 0,
            Self::DoesNotExist => 1,
            Self::NotReady => 2,
            Self::NotAnArchive | Self::TooLarge { .. } | Self::Disk(_) => 3,
        }
    }
}

/// A file that was downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// Where it is.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
}

impl Client {
    /// Downloads the file of an order to `path` (`GET /smartload/batchorders/{smartloadId}/{clientReference}`, chapter 10 m), from whichever host
    /// has it, within the time of one attempt for each.
    ///
    /// The file is written beside `path` under another name, readable for this user only, and takes its place whole and synced, or not at all;
    /// what was there before is replaced. One that was cut off, or whose process was killed, is downloaded again by asking again; a process
    /// that is killed leaves the part behind, `.NAME.….part`, which may be deleted.
    ///
    /// # Errors
    /// When the service has no such file, or not yet, or it cannot be written.
    pub async fn download_voucher_file(
        &self,
        reference: &Reference,
        path: impl AsRef<Path>,
    ) -> Result<Downloaded, FileError> {
        self.let_in().await?;
        let account = self.payer();
        let mut reason = FileError::Read(ReadError::Unreachable(String::new()));
        for host in 0..self.lines().hosts.count() {
            let Some(counter) = self.counter(Host(host)) else {
                break;
            };
            let suffix = self.lines().ambient.random();
            match attempt(counter, &account, reference, path.as_ref(), suffix).await {
                Ok(downloaded) => return Ok(downloaded),
                Err(error) if error.rank() > 2 => return Err(error),
                Err(error) if error.rank() >= reason.rank() => reason = error,
                Err(_) => {}
            }
        }
        Err(reason)
    }
}

/// Asks one host for the file of a sale, and looks at no more of it than shows that it is there.
pub(super) async fn probe(counter: Counter<'_>, intent: &Intent) -> Result<(), FileError> {
    ask(counter, &intent.account, &intent.reference)
        .await
        .map(drop)
}

async fn attempt(
    counter: Counter<'_>,
    account: &str,
    reference: &Reference,
    path: &Path,
    suffix: u64,
) -> Result<Downloaded, FileError> {
    let archive = ask(counter, account, reference).await?;
    let part = Part::beside(path, suffix)?;
    let bytes = part.fill(archive, BYTES_MAX).await?;
    part.take_place(path).await?;
    Ok(Downloaded {
        path: path.to_owned(),
        bytes,
    })
}

/// An archive whose beginning has arrived.
struct Archive {
    begun: Vec<u8>,
    rest: Chunks,
}

/// Asks one host; a token that is refused is replaced once.
async fn ask(
    counter: Counter<'_>,
    account: &str,
    reference: &Reference,
) -> Result<Archive, FileError> {
    let mut renewed = false;
    loop {
        let asking = counter
            .bindings
            .get_batch_order_file(account, reference.as_str());
        match counter.deliver(asking).await {
            Delivery::Answered(Answer { status: 401, .. }) if !renewed => renewed = true,
            Delivery::Answered(Answer {
                body: Body::Typed(stream),
                ..
            }) => {
                return begin(Chunks(stream)).await;
            }
            other => return Err(refusal(other)),
        }
    }
}

/// Waits for the first bytes, which say what it is.
async fn begin(mut rest: Chunks) -> Result<Archive, FileError> {
    let mut begun = Vec::new();
    while begun.len() < ARCHIVE.len() {
        let Some(chunk) = rest.next().await? else {
            break;
        };
        begun.extend_from_slice(&chunk);
    }
    if begun.starts_with(ARCHIVE) {
        return Ok(Archive { begun, rest });
    }
    while let Some(chunk) = rest.next().await? {
        if begun.len() + chunk.len() > ERROR_BYTES_MAX {
            return Err(FileError::NotAnArchive);
        }
        begun.extend_from_slice(&chunk);
    }
    Err(said(200, &begun).unwrap_or(FileError::NotAnArchive))
}

fn refusal(delivery: Delivery<Answer<ByteStream>>) -> FileError {
    if let Delivery::Answered(Answer {
        status: status @ (200 | 400),
        body: Body::Raw(body),
        ..
    }) = &delivery
        && let Some(error) = said(*status, body)
    {
        return error;
    }
    match super::super::accounts::success(delivery) {
        Ok(_) => FileError::NotAnArchive,
        Err(error) => FileError::Read(error),
    }
}

/// What an error in the place of a file says.
fn said(status: u16, body: &[u8]) -> Option<FileError> {
    let said = reading::bare(body)?;
    Some(match said.code {
        Some(2001 | 1005 | 1008) => FileError::DoesNotExist,
        Some(1002 | 1004 | 1006) => FileError::NotReady,
        code => FileError::Read(ReadError::Service {
            status,
            code,
            message: said.message,
        }),
    })
}

/// A body, chunk by chunk.
struct Chunks(ByteStream);

impl Chunks {
    async fn next(&mut self) -> Result<Option<Bytes>, FileError> {
        let chunk = poll_fn(|context| Pin::new(&mut *self.0).poll_next(context)).await;
        // Where it was cut does not matter, and its address is nobody's business.
        let cut = |_| FileError::Read(ReadError::Unreachable("the file was cut off".into()));
        chunk.transpose().map_err(cut)
    }
}

/// A file that is not whole yet. It is removed unless it takes its place.
struct Part {
    path: PathBuf,
}

impl Part {
    fn beside(path: &Path, suffix: u64) -> Result<Self, FileError> {
        let nameless =
            || std::io::Error::new(std::io::ErrorKind::InvalidInput, "the path names no file");
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().ok_or_else(nameless)?);
        name.push(format!(".{suffix:016x}.part"));
        Ok(Self {
            path: path.with_file_name(name),
        })
    }

    async fn fill(&self, archive: Archive, limit: u64) -> Result<u64, FileError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(&self.path).await?;
        let Archive { begun, mut rest } = archive;
        let mut bytes = begun.len() as u64;
        file.write_all(&begun).await?;
        while let Some(chunk) = rest.next().await? {
            bytes += chunk.len() as u64;
            if bytes > limit {
                return Err(FileError::TooLarge { limit });
            }
            file.write_all(&chunk).await?;
        }
        file.sync_all().await?;
        Ok(bytes)
    }

    async fn take_place(mut self, path: &Path) -> Result<(), FileError> {
        tokio::fs::rename(&self.path, path).await?;
        self.path = PathBuf::new();
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        #[cfg(unix)]
        File::open(folder.unwrap_or(Path::new(".")))
            .await?
            .sync_all()
            .await?;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            // Nobody is told if it cannot be removed: it holds nothing without the password.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Poll};

    /// A body of two chunks.
    struct Two(u8);

    impl Stream for Two {
        type Item = reqwest::Result<Bytes>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.0 += 1;
            Poll::Ready((self.0 <= 2).then(|| Ok(Bytes::from_static(b"12345"))))
        }
    }

    #[tokio::test]
    async fn a_file_larger_than_its_limit_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vouchers.zip");
        let archive = || Archive {
            begun: b"PK".to_vec(),
            rest: Chunks(ByteStream::new(Box::pin(Two(0)))),
        };
        let part = Part::beside(&path, 1).expect("a path");
        let error = part.fill(archive(), 11).await.expect_err("too large");
        assert!(
            matches!(error, FileError::TooLarge { limit: 11 }),
            "{error:?}"
        );
        assert!(part.path.exists());
        drop(part);
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            0
        );

        let part = Part::beside(&path, 1).expect("a path");
        assert_eq!(
            part.fill(archive(), 12).await.expect("within the limit"),
            12
        );
        part.take_place(&path).await.expect("in its place");
        assert_eq!(std::fs::read(&path).expect("the file"), b"PK1234512345");
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            1
        );
    }
}
