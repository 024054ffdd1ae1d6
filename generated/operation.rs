//! What an operation is, for code that treats all of them alike.

/// One operation of a specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The operationId.
    pub id: &'static str,
    /// The name of the generated method.
    pub function: &'static str,
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path after the base URL, with its parameters in braces.
    pub path: &'static str,
    /// The security schemes of which one is needed; none means that no authentication is needed. Schemes that are
    /// needed together are joined by `+`; an empty name means that it works without, too.
    pub security: &'static [&'static str],
    /// Whether it only reads, so that it may be repeated.
    pub safe: bool,
    /// The name of the body's type, when it takes one.
    pub request: Option<&'static str>,
    /// All documented answers, by status: the name of the type in `types`, `Vec<..>` of one, `bytes` when it is taken as
    /// it comes, or nothing when no body is documented. A status with several possible types has a row for each. `0`
    /// stands for `default`, `2` to `5` for a whole class (`4XX`).
    pub responses: &'static [(u16, &'static str)],
}

impl Operation {
    /// The names of the types that an answer of this status can have. A status by itself counts more than its class,
    /// and that more than `default`.
    pub fn types(&self, status: u16) -> impl Iterator<Item = &'static str> + use<> {
        let listed = |row: u16| self.responses.iter().any(|(status, _)| *status == row);
        let row = [status, status / 100, 0]
            .into_iter()
            .find(|row| listed(*row));
        let rows = self
            .responses
            .iter()
            .filter(move |(status, _)| Some(*status) == row);
        rows.map(|(_, name)| *name)
    }

    /// Whether a request of this method and path (after the base URL) is this operation. A parameter fills one segment.
    pub fn matches(&self, method: &str, path: &str) -> bool {
        let same = |(ours, theirs): (&str, &str)| {
            ours == theirs || ours.starts_with('{') && !theirs.is_empty()
        };
        self.method == method
            && self.path.split('/').count() == path.split('/').count()
            && self.path.split('/').zip(path.split('/')).all(same)
    }
}

/// Where the operation with this method is in the table. Found when the bindings are compiled.
pub(crate) const fn place(operations: &[Operation], function: &str) -> usize {
    let mut place = 0;
    while place < operations.len() {
        if same(operations[place].function.as_bytes(), function.as_bytes()) {
            return place;
        }
        place += 1;
    }
    panic!("there is no operation with this method");
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut length = 0;
    while length < a.len() && length < b.len() && a[length] == b[length] {
        length += 1;
    }
    length == a.len() && length == b.len()
}
