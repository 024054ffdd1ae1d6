//! Where we differ, and why.

/// Documents whose own faults are against the schema: name, place, reason.
pub(crate) const INVALID: [(&str, &str, &str); 2] = [
    (
        "springfox-declaration-bugs.json",
        "/info",
        "the document has a member of its own there",
    ),
    (
        "springfox-root.json",
        "/paths/~1pets~1{petId}~1pic/post/requestBody",
        "the document has the type `ref`, which is none",
    ),
];

/// A difference from both converters that is meant.
pub(crate) struct Exception {
    /// The beginning of the names of the documents that it is in.
    pub(crate) document: &'static str,
    /// Part of the place.
    pub(crate) place: &'static str,
    /// What we say; `*` for anything.
    pub(crate) ours: &'static str,
    /// Why.
    pub(crate) reason: &'static str,
}

impl Exception {
    pub(crate) fn covers(
        &self,
        document: &str,
        place: &str,
        ours: &str,
        _theirs: &[String],
    ) -> bool {
        document.starts_with(self.document)
            && place.contains(self.place)
            && (self.ours == "*" || self.ours == ours)
    }
}

const NO_STYLE: &str = "a list for which OpenAPI 3.0 has no style is text to us; both others say that it is written in another way, \
    and a client that believes them sends what the service cannot read";
const NO_PRODUCES: &str = "without a media type an answer is JSON to us, and anything to both others, which the generator does not take";
const NO_BODY: &str = "go-swagger refers to a shared answer without a body where a schema belongs; both others describe a body by it";
const FILE: &str = "`file` is no type of OpenAPI 3.0; both others leave it";

const fn exception(
    document: &'static str,
    place: &'static str,
    ours: &'static str,
    reason: &'static str,
) -> Exception {
    Exception {
        document,
        place,
        ours,
        reason,
    }
}

/// All of them.
pub(crate) const FACTS: [Exception; 9] = [
    exception(
        "converter-issue30-collectionformat.json",
        "get /ssv/",
        "*",
        NO_STYLE,
    ),
    exception(
        "converter-issue30-collectionformat.json",
        "get /tsv/",
        "*",
        NO_STYLE,
    ),
    exception(
        "converter-issue30-collectionformat.json",
        "get /pipes/",
        "*",
        NO_STYLE,
    ),
    exception(
        "autorest-url.json",
        "get /queries/array/tsv/",
        "*",
        NO_STYLE,
    ),
    exception(
        "swaggercore-global-consumes.json",
        "get /tests/localResetConsumesAndProduces 200 ",
        "*",
        NO_PRODUCES,
    ),
    exception("goswagger-gitea.json", " 204 ", "-", NO_BODY),
    exception("goswagger-gitea.json", " 404 ", "-", NO_BODY),
    exception("goswagger-gitea.json", " 403 ", "-", NO_BODY),
    exception(
        "autorest-formdata.json",
        ".fileContent [] type",
        "\"string\"",
        FILE,
    ),
];
