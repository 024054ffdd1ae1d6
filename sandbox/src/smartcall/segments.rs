//! The parameters of a path, whatever they hold.
//!
//! A segment that is no UTF-8 when it is decoded is no reason for an answer that the document does not know: it becomes a
//! text that names nothing, and the operation says so in its own way.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;

/// The parameters of a path in their order.
#[derive(Debug)]
pub(super) struct Segments<const N: usize>(pub(super) [String; N]);

impl<S: Sync, const N: usize> FromRequestParts<S> for Segments<N> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let template = parts.extensions.get::<MatchedPath>();
        let template = template.map(MatchedPath::as_str).unwrap_or_default();
        let mut given = parameters(template, parts.uri.path());
        Ok(Self(std::array::from_fn(|_| {
            given.next().unwrap_or_default()
        })))
    }
}

/// What stands in `path` where the template has a parameter.
fn parameters<'a>(template: &'a str, path: &'a str) -> impl Iterator<Item = String> + 'a {
    let both = template.split('/').zip(path.split('/'));
    both.filter(|(name, _)| name.starts_with('{'))
        .map(|(_, given)| percent_decode_str(given).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_decoded_after_the_path_was_cut() {
        let all = |path| parameters("/a/{x}/b/{y}", path).collect::<Vec<_>>();
        assert_eq!(all("/a/1%2F2/b/%20"), ["1/2", " "]);
        assert_eq!(all("/a/%FF/b/"), ["\u{FFFD}", ""]);
    }
}
