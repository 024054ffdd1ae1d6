//! **The rule: an entity tag is echoed exactly as it came.** The service's are bare, signed numbers, which no parser of entity tags takes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use progenitor_client::{Error, ResponseValue};
use reqwest::StatusCode;
use reqwest::header::ETAG;

use super::{Catalogue, Found, Network};
use crate::domain::ProductId;
use crate::error::ReadError;
use crate::smartcall::accounts::success;
use crate::transport::delivery::delivery;

/// How many values of one kind are kept. The catalogue has a few hundred products; whoever asks for more ids asks for what is not there.
const KEPT_MAX: usize = 4096;

/// A value with the tag that the service gave it.
pub(super) struct Kept<T> {
    pub(super) tag: Arc<str>,
    pub(super) value: Arc<T>,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self {
            tag: Arc::clone(&self.tag),
            value: Arc::clone(&self.value),
        }
    }
}

/// What was read of one kind, by what it was asked for.
pub(super) struct Cache<K, T> {
    kept: Mutex<HashMap<K, Kept<T>>>,
}

impl<K, T> Default for Cache<K, T> {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
        }
    }
}

impl<K: Eq + Hash, T> Cache<K, T> {
    pub(super) fn get(&self, key: &K) -> Option<Kept<T>> {
        self.lock().get(key).cloned()
    }

    /// Takes the answer to a question that was asked with the tag of `kept`: the same value again if it has not changed, else what is read
    /// from the answer, which is kept if it has a tag.
    pub(super) async fn renew<B>(
        &self,
        key: K,
        kept: Option<Kept<T>>,
        answer: Result<ResponseValue<B>, Error<()>>,
        read: impl FnOnce(B) -> Result<T, ReadError>,
    ) -> Result<Arc<T>, ReadError> {
        match (answer, kept) {
            (Err(Error::UnexpectedResponse(response)), Some(kept))
                if response.status() == StatusCode::NOT_MODIFIED =>
            {
                Ok(kept.value)
            }
            (answer, _) => {
                let tag = answer.as_ref().ok().and_then(tag);
                let value = Arc::new(read(success(delivery(answer).await)?)?);
                self.keep(key, tag, &value);
                Ok(value)
            }
        }
    }

    fn keep(&self, key: K, tag: Option<Arc<str>>, value: &Arc<T>) {
        let mut kept = self.lock();
        let Some(tag) = tag else {
            kept.remove(&key);
            return;
        };
        if kept.len() >= KEPT_MAX && !kept.contains_key(&key) {
            kept.clear();
        }
        let value = Arc::clone(value);
        kept.insert(key, Kept { tag, value });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Kept<T>>> {
        // Each change is made whole, so a panic elsewhere leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tag of an answer, if it has one that can be sent back.
fn tag<B>(answer: &ResponseValue<B>) -> Option<Arc<str>> {
    let tag = answer.headers().get(ETAG)?.to_str().ok()?;
    (!tag.is_empty()).then(|| tag.into())
}

/// What a client has read of the catalogue.
#[derive(Default)]
pub(in crate::smartcall) struct Caches {
    pub(super) networks: Cache<(), Catalogue>,
    pub(super) network: Cache<u32, Network>,
    pub(super) product: Cache<ProductId, Found>,
}
