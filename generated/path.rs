//! Where a service is, and arguments that become a segment of the path.

use std::fmt::{self, Debug, Display};
use std::sync::{Arc, OnceLock};

use reqwest::Url;

/// The base URL, and the URLs of those operations that have only one: parsed once, when they are first asked for.
#[derive(Clone)]
pub(crate) struct Base {
    text: String,
    /// By the place of the operation in the table.
    parsed: Arc<[OnceLock<Box<Url>>]>,
}

impl Base {
    /// The base URL of a service with so many operations.
    pub(crate) fn new(text: &str, operations: usize) -> Self {
        Self {
            text: text.to_owned(),
            parsed: (0..operations).map(|_| OnceLock::new()).collect(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.text, f)
    }
}

/// The URL of the operation at this place, whose path has parameters, in braces, with these values.
///
/// Rule: **an argument never changes which resource is asked.** `/` and the like are escaped; what cannot be escaped,
/// because a URL gives it a meaning of its own, is refused before anything is sent.
pub(crate) fn url(
    base: &Base,
    place: usize,
    path: &str,
    values: &[(&str, &dyn Display)],
) -> Result<Url, String> {
    let only = base.parsed.get(place).filter(|_| values.is_empty());
    if let Some(url) = only.and_then(OnceLock::get) {
        return Ok(Url::clone(url));
    }
    let url = text(&base.text, path, values)?;
    let url = Url::parse(&url)
        .map_err(|error| format!("the base URL cannot be used: {error}; nothing was sent"))?;
    if let Some(only) = only {
        only.get_or_init(|| Box::new(url.clone()));
    }
    Ok(url)
}

fn text(base: &str, path: &str, values: &[(&str, &dyn Display)]) -> Result<String, String> {
    let mut url = String::with_capacity(base.len() + path.len() + 32);
    url.push_str(base);
    let mut rest = path;
    for (name, value) in values {
        // The generator lists the values in the order of the path, one for each pair of braces.
        let Some((before, after)) = rest.split_once('{').and_then(|(before, braced)| {
            let (_, after) = braced.split_once('}')?;
            Some((before, after))
        }) else {
            return Err(format!("path {path} has no parameter `{name}`"));
        };
        url.push_str(before);
        url.push_str(&segment(name, &value.to_string())?);
        rest = after;
    }
    url.push_str(rest);
    Ok(url)
}

/// Writes an argument as one segment, or refuses it.
fn segment(name: &str, text: &str) -> Result<String, String> {
    let why = match text {
        "" => "is empty",
        "." | ".." => "is a relative path",
        text if text.contains('\\') => "contains a backslash",
        _ => return Ok(progenitor_client::encode_path(text)),
    };
    Err(format!("path parameter `{name}` {why}; nothing was sent"))
}
