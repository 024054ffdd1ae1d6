//! Arguments that become a segment of the path.

use std::fmt::Display;

/// The URL of a path whose parameters, in braces, have these values.
///
/// Rule: **an argument never changes which resource is asked.** `/` and the like are escaped; what cannot be escaped,
/// because a URL gives it a meaning of its own, is refused before anything is sent.
pub(crate) fn url(
    base: &str,
    path: &str,
    values: &[(&str, &dyn Display)],
) -> Result<String, String> {
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
