//! Documents for every type of a service: right, odd, and everything between.

use std::collections::BTreeMap;

use recharge_tests::surface::{Body, Member, Surface};

/// Decides, one number after the other; zero once it has run out.
pub(crate) struct Tape<'a>(std::slice::Iter<'a, u16>);

impl<'a> Tape<'a> {
    pub(crate) fn new(choices: &'a [u16]) -> Self {
        Self(choices.iter())
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % count.max(1)
    }

    pub(crate) fn pick<'b, T>(&mut self, of: &'b [T]) -> &'b T {
        &of[self.below(of.len())]
    }
}

/// What is no object and no list, or a small one: as likely wrong as right, wherever it stands.
const ODD: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "7",
    "-7",
    "0.0",
    "-0.00",
    "5.50",
    "100000.0000",
    "1e3",
    "1E-2",
    "-1.25e+2",
    "1e400",
    "2147483647",
    "2147483648",
    "-9223372036854775808",
    "9223372036854775808",
    "12345678901234567890",
    "79228162514264337593543950335",
    "79228162514264337593543950336",
    "123456789012345678.9012",
    "0.1234567890123456789012345678",
    "0.12345678901234567890123456789",
    r#""""#,
    r#"" ""#,
    r#""SUCCESS""#,
    r#""450.00""#,
    r#""450\u002e00""#,
    r#""05""#,
    r#""-0""#,
    r#""-0.00""#,
    r#""+5""#,
    r#""5.""#,
    r#"".5""#,
    r#""1_000""#,
    r#""1e3""#,
    r#""R5""#,
    r#""null""#,
    r#""caf\u00e9 \/ \" \\ \n""#,
    r#""café 😀""#,
    r#""\ud83d\ude00""#,
    r#""\ud800""#,
    r#""\udc00x""#,
    "{}",
    "[]",
    "[null]",
    r#"["a","b"]"#,
    r#"["a",1.50]"#,
    "[1.10,2.20]",
    "[{},{}]",
    "[{},5]",
    "[[[[[[[[]]]]]]]]",
    r#"{"a":{"a":{"a":[0.10,null]}}}"#,
    r#"{"a":1,"a":2.0}"#,
    r#"{ "Token" : "0000 1111", "Units":23.70 , "Levy":null }"#,
];

/// White space, mostly none.
const SPACE: &[&str] = &["", "", "", "", "", "", " ", "\n", "\t\r "];

/// Names that nobody asks for; some nearly are asked for.
const NOBODYS: &[&str] = &[
    "fee",
    "",
    "Error",
    "statuscode",
    "a\\u0000b",
    "é",
    "extra",
    "more",
];

/// The types of a service.
pub(crate) struct Kinds {
    types: BTreeMap<String, Body>,
    names: Vec<String>,
}

impl Kinds {
    pub(crate) fn of(source: &str) -> Self {
        let types = Surface::read(source).unwrap().types;
        let names = types.keys().cloned().collect();
        Self { types, names }
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether any object is one, so that none is refused.
    pub(crate) fn is_answer(&self, name: &str) -> bool {
        match &self.types[name] {
            Body::Object { members, .. } => !members.iter().any(|member| member.required),
            _ => false,
        }
    }

    /// A document, and the type that it is for.
    pub(crate) fn document(&self, tape: &mut Tape<'_>) -> (String, String) {
        let name = tape.pick(&self.names).clone();
        let space = *tape.pick(SPACE);
        match tape.below(8) {
            0 => (name, format!("{space}{}", tape.pick(ODD))),
            1 => (format!("Vec<{name}>"), self.list(tape, &name, 0)),
            2 => ("String".into(), (*tape.pick(ODD)).into()),
            _ => {
                let object = self.value_of(tape, &name, 0);
                (name, format!("{space}{object}{}", tape.pick(SPACE)))
            }
        }
    }

    /// Documents for one type: with each member as it should be, each as it should not be, and all of them.
    pub(crate) fn examples(&self, name: &str) -> Vec<(String, String)> {
        let choices: Vec<u16> = (0..997).map(|n: u16| n.wrapping_mul(40_503)).collect();
        let starts = (0..choices.len()).step_by(19);
        let documents = starts.map(|start| {
            let text = self.value_of(&mut Tape::new(&choices[start..]), name, 0);
            (name.to_owned(), text)
        });
        let mut all: Vec<_> = documents.collect();
        if let Body::Object { members, .. } = &self.types[name] {
            for member in members {
                for odd in ODD {
                    all.push((name.to_owned(), format!("{{{:?}:{odd}}}", member.wire)));
                }
            }
        }
        all
    }

    fn value_of(&self, tape: &mut Tape<'_>, name: &str, depth: usize) -> String {
        match &self.types[name] {
            Body::Object { members, .. } => self.object(tape, members, depth),
            Body::Newtype(inner) => self.typed(tape, inner, depth),
            Body::Texts(texts) => format!("{:?}", tape.pick(texts)),
        }
    }

    fn object(&self, tape: &mut Tape<'_>, members: &[Member], depth: usize) -> String {
        let mut rows = Vec::new();
        for place in 0..tape.below(members.len() + 3) {
            // Mostly in order, so that what must be there mostly is; sometimes any, so that some come twice.
            let member = match tape.below(4) {
                0 => members.get(tape.below(members.len())),
                1 if tape.below(3) == 0 => None,
                _ => members.get(place),
            };
            let (name, value) = match member {
                Some(member) => (
                    self.name(tape, &member.wire),
                    self.member(tape, member, depth),
                ),
                None => ((*tape.pick(NOBODYS)).into(), (*tape.pick(ODD)).into()),
            };
            let row = format!("{}\"{name}\"{}:{value}", tape.pick(SPACE), tape.pick(SPACE));
            if tape.below(12) == 0 {
                rows.push(row.clone());
            }
            rows.push(row);
        }
        format!("{{{}}}", rows.join(","))
    }

    /// A name as JSON may spell it.
    fn name(&self, tape: &mut Tape<'_>, wire: &str) -> String {
        match (tape.below(12), wire.chars().next()) {
            (0, Some(first)) => format!("\\u{:04x}{}", u32::from(first), &wire[first.len_utf8()..]),
            _ => wire.to_owned(),
        }
    }

    fn member(&self, tape: &mut Tape<'_>, member: &Member, depth: usize) -> String {
        if tape.below(3) == 0 {
            return (*tape.pick(ODD)).into();
        }
        match member.codec.as_deref() {
            Some("Text") => r#""450.00""#.into(),
            _ => self.typed(tape, &member.ty, depth),
        }
    }

    /// A value of a type, as the listing of the surface spells it.
    fn typed(&self, tape: &mut Tape<'_>, ty: &str, depth: usize) -> String {
        let inside = |wrapper: &str| ty.strip_prefix(wrapper)?.strip_suffix('>');
        if let Some(inner) = inside("Field<").or(inside("Box<")) {
            return self.typed(tape, inner, depth);
        }
        if let Some(inner) = inside("Vec<") {
            return self.list(tape, inner, depth);
        }
        match ty {
            "String" => format!("\"text {}\"", tape.below(100)),
            "bool" => (*tape.pick(&["true", "false"])).into(),
            "i32" | "i64" => tape.below(1000).to_string(),
            "Decimal" => format!("{}.{:02}", tape.below(1000), tape.below(100)),
            name if self.types.contains_key(name) && depth < 5 => {
                self.value_of(tape, name, depth + 1)
            }
            _ => (*tape.pick(ODD)).into(),
        }
    }

    fn list(&self, tape: &mut Tape<'_>, inner: &str, depth: usize) -> String {
        let items: Vec<String> = (0..tape.below(4))
            .map(|_| self.typed(tape, inner, depth))
            .collect();
        format!("[{}{}]", tape.pick(SPACE), items.join(","))
    }
}
