//! Pulls a document.
//!
//! Rule: **nothing is trusted to be small, quick, complete or from whom it says.** Connecting, each read and the whole
//! have their time, the body has a limit that holds while it streams, TLS is always verified, a redirect never leaves
//! the host, and whatever passes by itself (a dropped connection, a 503) is tried again a few times.

use std::path::Path;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use recharge_spec::Api;
use reqwest::header::{ACCEPT, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, RETRY_AFTER};
use reqwest::{Certificate, Client, StatusCode, Url, redirect};

use super::{Error, Options};

/// The test host publishes the document; production serves it too.
const SMARTCALL: [&str; 3] = [
    "https://test.smartcall.co.za:8101/webservice/swagger.json",
    "https://api1.smartcall.co.za:8100/webservice/swagger.json",
    "https://api2.smartcall.co.za:8100/webservice/swagger.json",
];

const NO_ADDRESS: &str = "HOT Recharge publishes its document at no address that we know: give one by --url, or a file by --file";

const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_secs(20);
const TOTAL: Duration = Duration::from_secs(90);
const BYTES_MAX: usize = 20 * 1024 * 1024;
const RETRIES_MAX: usize = 3;
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
const REDIRECTS_MAX: usize = 3;

/// A document as it was served.
pub(super) struct Pulled {
    pub(super) bytes: Vec<u8>,
    /// Nothing for a file.
    pub(super) url: Option<String>,
    pub(super) etag: Option<String>,
    from: String,
}

impl Pulled {
    /// For messages.
    pub(super) fn name(&self) -> &str {
        &self.from
    }
}

/// What came of it.
pub(super) enum Fetched {
    /// The server says that it is what it was.
    Unchanged {
        url: String,
    },
    Document(Pulled),
}

impl Fetched {
    pub(super) fn from_file(path: &Path) -> Result<Self, Error> {
        Ok(Self::Document(Pulled {
            bytes: std::fs::read(path).map_err(Error::file(path))?,
            url: None,
            etag: None,
            from: path.display().to_string(),
        }))
    }
}

/// Pulls from the first address that answers. `known` is the address and the ETag of what is saved.
pub(super) fn fetch(
    options: &Options,
    password: Option<&str>,
    known: Option<(&str, &str)>,
    pause: Duration,
) -> Result<Fetched, Error> {
    let urls: Vec<&str> = match (&options.url, options.api) {
        (Some(url), _) => vec![url],
        (None, Api::Smartcall) => SMARTCALL.to_vec(),
        (None, Api::Hot) => return Err(Error::NoAddress(NO_ADDRESS)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(Error::file("the runtime"))?;
    let client = client(options)?;
    let mut failures = Vec::new();
    for url in urls {
        let asked = Asked {
            client: &client,
            url: checked(url)?,
            user: options.user.as_deref().map(|user| (user, password)),
            etag: known.filter(|known| known.0 == url).map(|known| known.1),
        };
        match runtime.block_on(asked.with_retries(pause)) {
            Ok(fetched) => return Ok(fetched),
            // Another host may do better; one that understood us and refused speaks for all.
            Err(failure) if failure.passes => failures.push((url, failure)),
            Err(failure) => return Err(failure.into_error(url)),
        }
    }
    let reasons: Vec<String> = failures
        .iter()
        .skip(1)
        .map(|(url, failure)| format!("; {url}: {}", failure.reason))
        .collect();
    let (url, first) = failures.swap_remove(0);
    Err(Error::Pull {
        url: url.to_owned(),
        reason: format!("{}{}", first.reason, reasons.concat()),
    })
}

fn checked(url: &str) -> Result<Url, Error> {
    let refuse = |reason: &str| Error::Pull {
        url: url.to_owned(),
        reason: reason.to_owned(),
    };
    let parsed = Url::parse(url).map_err(|error| refuse(&format!("not an address: {error}")))?;
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(Error::Pull {
            url: parsed.host_str().unwrap_or_default().to_owned(),
            reason: "give the user by --user and the password by REFRESH_SPEC_PASSWORD, not in the address".into(),
        });
    }
    let is_loopback = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match parsed.scheme() {
        "https" => Ok(parsed),
        "http" if is_loopback => Ok(parsed),
        _ => Err(refuse("only https is pulled from")),
    }
}

fn client(options: &Options) -> Result<Client, Error> {
    let same_host = redirect::Policy::custom(|attempt| {
        let place = |url: &Url| {
            (
                url.scheme().to_owned(),
                url.host_str().map(str::to_owned),
                url.port_or_known_default(),
            )
        };
        let from = attempt.previous().first().map(place);
        if attempt.previous().len() > REDIRECTS_MAX {
            attempt.error("too many redirects")
        } else if from == Some(place(attempt.url())) {
            attempt.follow()
        } else {
            attempt
                .error("it redirects to another host; give that address by --url if you trust it")
        }
    });
    let mut builder = Client::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .timeout(TOTAL)
        .redirect(same_host)
        .retry(reqwest::retry::never())
        .user_agent(concat!("recharge-refresh-spec/", env!("CARGO_PKG_VERSION")));
    if let Some(path) = &options.ca_cert {
        builder = builder.tls_certs_merge(certificates(path)?);
    }
    builder.build().map_err(|error| Error::Pull {
        url: "the client".into(),
        reason: chain(&error),
    })
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Error> {
    let bytes = std::fs::read(path).map_err(Error::file(path))?;
    let is_pem = bytes.windows(11).any(|window| window == b"-----BEGIN ");
    let certificates = match is_pem {
        true => Certificate::from_pem_bundle(&bytes),
        false => Certificate::from_der(&bytes).map(|certificate| vec![certificate]),
    };
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(Error::saved(
            path.display().to_string(),
            "it holds no certificate",
        )),
        Err(error) => Err(Error::saved(path.display().to_string(), chain(&error))),
    }
}

/// A try that failed.
struct Failure {
    reason: String,
    /// Whether it may pass by itself.
    passes: bool,
    retry_after: Option<Duration>,
}

impl Failure {
    fn lasting(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            passes: false,
            retry_after: None,
        }
    }

    fn passing(reason: impl Into<String>) -> Self {
        Self {
            passes: true,
            ..Self::lasting(reason)
        }
    }

    fn of(error: &reqwest::Error) -> Self {
        let reason = chain(error);
        // A certificate that is refused will be refused again.
        let lasts = error.is_redirect() || error.is_builder() || reason.contains("certificate");
        Self {
            passes: !lasts,
            ..Self::lasting(reason)
        }
    }

    fn into_error(self, url: &str) -> Error {
        Error::Pull {
            url: url.to_owned(),
            reason: self.reason,
        }
    }
}

struct Asked<'a> {
    client: &'a Client,
    url: Url,
    user: Option<(&'a str, Option<&'a str>)>,
    etag: Option<&'a str>,
}

impl Asked<'_> {
    async fn with_retries(&self, pause: Duration) -> Result<Fetched, Failure> {
        let backoff = ExponentialBuilder::new()
            .with_min_delay(pause)
            .with_factor(2.0)
            .with_max_delay(RETRY_AFTER_MAX)
            .with_max_times(RETRIES_MAX)
            .with_jitter();
        (|| self.once())
            .retry(backoff)
            .sleep(tokio::time::sleep)
            .when(|failure: &Failure| failure.passes)
            .adjust(|failure, pause| match (failure.retry_after, pause) {
                (Some(asked), Some(pause)) => Some(asked.min(RETRY_AFTER_MAX).max(pause)),
                (_, pause) => pause,
            })
            .await
    }

    async fn once(&self) -> Result<Fetched, Failure> {
        let mut request = self.client.get(self.url.clone()).header(
            ACCEPT,
            "application/json, application/yaml;q=0.9, */*;q=0.1",
        );
        if let Some((user, password)) = self.user {
            request = request.basic_auth(user, password);
        }
        // Verbatim: Smartcall's ETags are not what HTTP says they should be.
        if let Some(etag) = self.etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let response = request.send().await.map_err(|error| Failure::of(&error))?;
        let status = response.status();
        let url = self.url.to_string();
        match status {
            StatusCode::NOT_MODIFIED if self.etag.is_some() => Ok(Fetched::Unchanged { url }),
            StatusCode::OK => {
                let etag = header(response.headers(), ETAG.as_str());
                let bytes = body(response).await?;
                Ok(Fetched::Document(Pulled {
                    bytes,
                    from: url.clone(),
                    url: Some(url),
                    etag,
                }))
            }
            _ => Err(answered(status, response.headers())),
        }
    }
}

fn answered(status: StatusCode, headers: &HeaderMap) -> Failure {
    let reason = format!("it answers {status}");
    let passes = status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        );
    if !passes {
        let hint = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "; see --user",
            _ => "",
        };
        return Failure::lasting(format!("{reason}{hint}"));
    }
    let seconds = header(headers, RETRY_AFTER.as_str()).and_then(|value| value.trim().parse().ok());
    Failure {
        retry_after: seconds.map(Duration::from_secs),
        ..Failure::passing(reason)
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

async fn body(mut response: reqwest::Response) -> Result<Vec<u8>, Failure> {
    let too_large = || Failure::lasting(format!("more than {BYTES_MAX} bytes"));
    if response
        .content_length()
        .is_some_and(|length| length > BYTES_MAX as u64)
    {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| Failure::of(&error))?
    {
        if bytes.len() + chunk.len() > BYTES_MAX {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
