//! The tokens of one account, one for each host, with a single login however many tasks wait for it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;

use super::{StoredToken, TokenStore};
use crate::ambient::Ambient;
use crate::domain::{Secret, Timestamp};
use crate::recovery::schedule::ceiling;
use crate::recovery::{Denial, Host, Obstacle};

/// How long a service's tokens are used.
pub(crate) struct Life {
    /// A token is renewed this long before it ends.
    pub(crate) margin: Duration,
    /// … less up to this, so that processes that started together do not renew together.
    pub(crate) margin_jitter: Duration,
    /// A token that was not used for so long is not used again.
    pub(crate) idle_max: Duration,
    /// A token is used for at least this long, whatever its end says: a clock that is wrong must not make us log in for each call.
    pub(crate) use_min: Duration,
}

/// After a renewal that failed, the token that still holds is used for this long before the next try.
const RENEW_AGAIN: Duration = Duration::from_secs(30);

/// After a login that was refused, and after tokens that were refused before they had ever worked, the next login waits: this long at first,
/// twice as long each time, and never longer than [`HOLD_MAX`]. Each login takes up a token, and there are few.
const HOLD_MIN: Duration = Duration::from_secs(1);
/// The longest such wait.
const HOLD_MAX: Duration = Duration::from_secs(60);

/// Logs in. What a token cache asks of a service.
pub(crate) trait Issuer: Send + Sync {
    /// The name of the security scheme, in the service's document, of operations that want a token.
    const SCHEME: &'static str;
    /// How long the tokens are used.
    const LIFE: Life;
    /// Whether the body of a 401 says that the token is at fault, so that a new one may help.
    fn refuses_token(&self, body: &[u8]) -> bool;
    /// Asks a host for a new token.
    fn issue(&self, host: Host) -> impl Future<Output = Result<Issued, NoToken>> + Send;
}

/// A token as a service gave it.
pub(crate) struct Issued {
    pub(crate) token: Secret,
    pub(crate) expires_at: Timestamp,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoToken {
    #[error(transparent)]
    Denied(Denial),
    #[error("no token: {0}")]
    Unreachable(Obstacle),
}

pub(crate) struct TokenCache<I> {
    issuer: I,
    ambient: Arc<dyn Ambient>,
    store: Option<Arc<dyn TokenStore>>,
    slots: Vec<Slot>,
}

struct Slot {
    /// The name in the store.
    name: String,
    current: RwLock<Option<Arc<Token>>>,
    /// Held by the one task that logs in; keeps how the last login failed, for the tasks that waited for it.
    login: Mutex<Login>,
    /// How many logins have failed.
    failures: AtomicU64,
}

#[derive(Default)]
struct Login {
    store_read: bool,
    failed: Option<NoToken>,
    /// No login before then: the failure is told instead.
    held_until: Timestamp,
    /// How many logins, or tokens, in a row were refused.
    strikes: u32,
    /// The last strike was a login's, not a token's.
    refused: bool,
}

impl Login {
    /// The service said no: the next login waits.
    fn strike(&mut self, denial: Denial, now: Timestamp) {
        self.failed = Some(NoToken::Denied(denial));
        self.held_until = now + ceiling(HOLD_MIN, HOLD_MAX, self.strikes);
        self.strikes += 1;
    }
}

/// A token in use.
pub(crate) struct Token {
    secret: Secret,
    renew_at: Timestamp,
    expires_at: Timestamp,
    used_at: AtomicU64,
    worked: AtomicBool,
}

impl Token {
    pub(crate) fn expose(&self) -> &str {
        self.secret.expose()
    }

    /// The service let this token in.
    pub(crate) fn worked(&self) {
        self.worked.store(true, Ordering::Relaxed);
    }

    /// The same token, after it could not be renewed.
    fn kept(&self, now: Timestamp) -> Self {
        Self {
            secret: self.secret.clone(),
            renew_at: (now + RENEW_AGAIN).min(self.expires_at),
            expires_at: self.expires_at,
            used_at: AtomicU64::new(now.0),
            worked: AtomicBool::new(self.worked.load(Ordering::Relaxed)),
        }
    }

    fn is_fresh(&self, now: Timestamp, idle_max: Duration) -> bool {
        now < self.renew_at && now - Timestamp(self.used_at.load(Ordering::Relaxed)) < idle_max
    }
}

impl<I: Issuer> TokenCache<I> {
    /// One slot for each name; names say for which user and host, in the order of the hosts.
    pub(crate) fn new(
        issuer: I,
        names: Vec<String>,
        ambient: Arc<dyn Ambient>,
        store: Option<Arc<dyn TokenStore>>,
    ) -> Self {
        let slots = names
            .into_iter()
            .map(|name| Slot {
                name,
                current: RwLock::default(),
                login: Mutex::default(),
                failures: AtomicU64::default(),
            })
            .collect();
        Self {
            issuer,
            ambient,
            store,
            slots,
        }
    }

    /// The token for a host; logs in if there is none that is fresh.
    pub(crate) async fn get(&self, host: Host) -> Result<Arc<Token>, NoToken> {
        let Some(slot) = self.slots.get(usize::from(host.0)) else {
            return Err(NoToken::Unreachable(Obstacle(format!(
                "there is no host {}",
                host.0
            ))));
        };
        let failures = slot.failures.load(Ordering::SeqCst);
        match slot.fresh(self.ambient.now(), I::LIFE.idle_max) {
            Some(token) => Ok(token),
            // On the heap: most calls never need it, and all would carry it along.
            None => Box::pin(self.renew(slot, host, failures)).await,
        }
    }

    /// The slow way: one task at a time.
    async fn renew(&self, slot: &Slot, host: Host, failures: u64) -> Result<Arc<Token>, NoToken> {
        let mut login = slot.login.lock().await;
        let now = self.ambient.now();
        if let Some(token) = slot.fresh(now, I::LIFE.idle_max) {
            return Ok(token);
        }
        // Whoever waited while a login failed shares its failure, instead of failing once more each. They are counted, not timed: a login
        // can fail within the millisecond in which it was asked for.
        if let Some(failure) = &login.failed
            && (slot.failures.load(Ordering::SeqCst) > failures || now < login.held_until)
        {
            return Err(failure.clone());
        }
        if !std::mem::replace(&mut login.store_read, true)
            && let Some(token) = self.load(slot, now).await
        {
            return Ok(slot.set(token));
        }
        match self.issuer.issue(host).await {
            Ok(issued) => {
                // A login that failed before is over. That tokens are refused is counted until one has worked.
                if login.failed.take().is_some() && login.refused {
                    login.strikes = 0;
                }
                self.save(slot, Some(&issued)).await;
                Ok(slot.set(self.token(issued)))
            }
            Err(failure) => match slot.alive(now) {
                // The renewal was early; the old token still holds. Not every call in the meantime shall wait for a login of its own.
                Some(token) => Ok(slot.set(token.kept(self.ambient.now()))),
                None => {
                    match &failure {
                        NoToken::Denied(denial) => {
                            login.strike(denial.clone(), self.ambient.now());
                            login.refused = true;
                        }
                        NoToken::Unreachable(_) => login.failed = Some(failure.clone()),
                    }
                    slot.failures.fetch_add(1, Ordering::SeqCst);
                    Err(failure)
                }
            },
        }
    }

    /// A request was answered with 401. If the token is at fault, forget it, unless it was replaced in the meantime.
    pub(crate) async fn unauthorised(&self, host: Host, token: &str, body: &[u8]) {
        if !self.issuer.refuses_token(body) {
            return;
        }
        let Some(slot) = self.slots.get(usize::from(host.0)) else {
            return;
        };
        // Taken before a new login can begin, so that a newer token is never forgotten for an older one.
        let mut login = slot.login.lock().await;
        let Some(refused) = slot.forget(token) else {
            return;
        };
        if refused.worked.load(Ordering::Relaxed) {
            login.strikes = 0;
        } else if login.strikes == 0 {
            // A token from the store may have been invalidated long ago; the first new login is free.
            login.strikes = 1;
        } else {
            let denial = Denial::Credentials("new tokens are refused".into());
            login.strike(denial, self.ambient.now());
            login.refused = false;
        }
        self.save(slot, None).await;
    }

    /// Takes every token out, to invalidate it.
    pub(crate) async fn take_all(&self) -> Vec<(Host, Arc<Token>)> {
        let mut taken = Vec::new();
        for (number, slot) in (0..).zip(&self.slots) {
            // A login that is on its way ends first, so that its token is given back as well.
            let _login = slot.login.lock().await;
            let token = slot
                .current
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(token) = token {
                self.save(slot, None).await;
                taken.push((Host(number), token));
            }
        }
        taken
    }

    fn token(&self, issued: Issued) -> Token {
        let now = self.ambient.now();
        let jitter = I::LIFE.margin_jitter.as_millis().max(1) as u64;
        let early = I::LIFE.margin - Duration::from_millis(self.ambient.random() % jitter);
        let renew_at = Timestamp(issued.expires_at.0.saturating_sub(early.as_millis() as u64))
            .max(now + I::LIFE.use_min);
        Token {
            secret: issued.token,
            renew_at,
            expires_at: issued.expires_at,
            used_at: AtomicU64::new(now.0),
            worked: AtomicBool::new(false),
        }
    }

    async fn load(&self, slot: &Slot, now: Timestamp) -> Option<Token> {
        let stored = self
            .store
            .as_ref()?
            .load(slot.name.clone())
            .await
            .ok()
            .flatten()?;
        let left = stored.expires_at - now;
        (left > I::LIFE.margin).then(|| {
            self.token(Issued {
                token: stored.token,
                expires_at: stored.expires_at,
            })
        })
    }

    /// The store is a convenience: that it fails must not stop a sale.
    async fn save(&self, slot: &Slot, issued: Option<&Issued>) {
        let Some(store) = &self.store else { return };
        let token = issued.map(|issued| StoredToken {
            token: issued.token.clone(),
            expires_at: issued.expires_at,
        });
        if let Err(error) = store.save(slot.name.clone(), token).await {
            tracing::warn!(%error, "the token could not be stored");
        }
    }
}

impl Slot {
    fn current(&self) -> Option<Arc<Token>> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn fresh(&self, now: Timestamp, idle_max: Duration) -> Option<Arc<Token>> {
        let token = self
            .current()
            .filter(|token| token.is_fresh(now, idle_max))?;
        token.used_at.fetch_max(now.0, Ordering::Relaxed);
        Some(token)
    }

    /// Takes the token out if it is this one.
    fn forget(&self, token: &str) -> Option<Arc<Token>> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.take_if(|current| current.expose() == token)
    }

    /// A token that has not ended, fresh or not.
    fn alive(&self, now: Timestamp) -> Option<Arc<Token>> {
        self.current().filter(|token| now < token.expires_at)
    }

    fn set(&self, token: Token) -> Arc<Token> {
        let token = Arc::new(token);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&token));
        token
    }
}

impl<I> fmt::Debug for TokenCache<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("hosts", &self.slots.len())
            .finish_non_exhaustive()
    }
}
