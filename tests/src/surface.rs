//! What a generated module offers, read from its source.
//!
//! Rule: **the source is the witness.** This reads the code that is compiled, not the document that it was made from, so
//! that the two can be compared.

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Expr, FnArg, Item, ItemStruct, Lit, ReturnType};

/// A generated module.
#[derive(Debug)]
pub struct Surface {
    /// The methods of the client, by name.
    pub methods: BTreeMap<String, Method>,
    /// The types of bodies, by name.
    pub types: BTreeMap<String, Body>,
}

/// A method of the client.
#[derive(Debug)]
pub struct Method {
    /// The HTTP method, in capitals.
    pub verb: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// Name and type of the arguments, without `self`.
    pub arguments: Vec<(String, String)>,
    /// What a success returns.
    pub success: String,
    /// Names of query parameters on the wire.
    pub query: Vec<String>,
    /// Names of headers on the wire.
    pub headers: Vec<String>,
    /// Names and arguments of path parameters.
    pub segments: Vec<(String, String)>,
}

/// The type of a body.
#[derive(Debug)]
pub enum Body {
    /// A JSON object.
    Object {
        /// Its members, by name in Rust.
        members: Vec<Member>,
        /// The type of the members that are not named.
        extra: String,
    },
    /// A list, a map or a scalar with a name.
    Newtype(String),
    /// One of several texts.
    Texts(Vec<String>),
}

/// A member of an object.
#[derive(Debug)]
pub struct Member {
    /// The name in Rust.
    pub field: String,
    /// The name on the wire.
    pub wire: String,
    /// The type in Rust, without the paths of well-known types.
    pub ty: String,
    /// How it is written, if its type does not say it.
    pub codec: Option<String>,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is not printed.
    pub secret: bool,
}

impl Surface {
    /// Reads a generated module.
    ///
    /// # Errors
    /// When the source is not what the generator writes.
    pub fn read(source: &str) -> Result<Self, String> {
        let file = syn::parse_file(source).map_err(|error| error.to_string())?;
        let mut surface = Self {
            methods: BTreeMap::new(),
            types: BTreeMap::new(),
        };
        for item in &file.items {
            match item {
                Item::Mod(module) if module.ident == "types" => {
                    let items = module.content.as_ref().map(|(_, items)| items.as_slice());
                    surface.types = types(items.unwrap_or_default())?;
                }
                Item::Impl(block) if block.trait_.is_none() => {
                    for item in &block.items {
                        if let syn::ImplItem::Fn(function) = item
                            && function.sig.asyncness.is_some()
                        {
                            surface
                                .methods
                                .insert(function.sig.ident.to_string(), method(function)?);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(surface)
    }
}

fn method(function: &syn::ImplItemFn) -> Result<Method, String> {
    let name = function.sig.ident.to_string();
    let arguments = function
        .sig
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some((
                argument.pat.to_token_stream().to_string(),
                short(&argument.ty),
            )),
            FnArg::Receiver(_) => None,
        });
    let success = match &function.sig.output {
        ReturnType::Type(_, ty) => short(ty),
        ReturnType::Default => return Err(format!("{name} returns nothing")),
    };
    let success = success
        .strip_prefix("Result<ResponseValue<")
        .and_then(|rest| rest.strip_suffix(">, Error<()>>"))
        .ok_or_else(|| format!("{name} returns {success}"))?;
    let mut calls = Calls::default();
    calls.visit_block(&function.block);
    Ok(Method {
        verb: calls.verb.ok_or_else(|| format!("{name} has no verb"))?,
        path: calls.path.ok_or_else(|| format!("{name} has no path"))?,
        arguments: arguments.collect(),
        success: success.to_owned(),
        query: calls.query,
        headers: calls.headers,
        segments: calls.segments,
    })
}

/// What a method does, by the calls in it.
#[derive(Default)]
struct Calls {
    verb: Option<String>,
    path: Option<String>,
    query: Vec<String>,
    headers: Vec<String>,
    segments: Vec<(String, String)>,
}

impl<'ast> Visit<'ast> for Calls {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let function = call.func.to_token_stream().to_string().replace(' ', "");
        if function == "crate::path::url" {
            self.path = call.args.get(2).and_then(text);
            if let Some(Expr::Reference(list)) = call.args.get(3)
                && let Expr::Array(list) = &*list.expr
            {
                for pair in &list.elems {
                    if let Expr::Tuple(pair) = pair
                        && let (Some(name), Some(value)) =
                            (pair.elems.first().and_then(text), pair.elems.get(1))
                    {
                        let value = value.to_token_stream().to_string().replace(['&', ' '], "");
                        self.segments.push((name, value));
                    }
                }
            }
        } else if function.ends_with("QueryParam::new")
            && let Some(name) = call.args.first().and_then(text)
        {
            self.query.push(name);
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let receiver = call.receiver.to_token_stream().to_string().replace(' ', "");
        let verb = call.method.to_string();
        if receiver == "self.client"
            && ["get", "put", "post", "delete", "head", "patch"].contains(&verb.as_str())
        {
            self.verb = Some(verb.to_uppercase());
        }
        if verb == "append"
            && receiver == "header_map"
            && let Some(name) = call.args.first().and_then(text)
        {
            self.headers.push(name);
        }
        visit::visit_expr_method_call(self, call);
    }
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn types(items: &[Item]) -> Result<BTreeMap<String, Body>, String> {
    let mut types = BTreeMap::new();
    let mut structs: BTreeMap<String, &ItemStruct> = BTreeMap::new();
    for item in items {
        match item {
            Item::Struct(item) => {
                structs.insert(item.ident.to_string(), item);
            }
            Item::Macro(item) => {
                let kind = item
                    .mac
                    .path
                    .segments
                    .last()
                    .map(|last| last.ident.to_string());
                let tokens = item.mac.tokens.to_string();
                let (name, rest) = tokens
                    .split_once(' ')
                    .ok_or("a macro call without a name")?;
                let body = match kind.as_deref() {
                    Some("object") => {
                        let item = structs
                            .get(name)
                            .ok_or_else(|| format!("no struct {name}"))?;
                        object(item, rest)?
                    }
                    Some("newtype") => {
                        let item = structs
                            .get(name)
                            .ok_or_else(|| format!("no struct {name}"))?;
                        let inner = item.fields.iter().next().ok_or("an empty struct")?;
                        Body::Newtype(short(&inner.ty))
                    }
                    Some("open_enum") => Body::Texts(
                        rows(rest)
                            .into_iter()
                            .filter_map(|row| quoted(&row))
                            .collect(),
                    ),
                    other => return Err(format!("macro {other:?}")),
                };
                types.insert(name.to_owned(), body);
            }
            _ => {}
        }
    }
    for name in structs.keys() {
        if !types.contains_key(name) {
            return Err(format!("{name} is neither read nor written"));
        }
    }
    Ok(types)
}

fn object(item: &ItemStruct, body: &str) -> Result<Body, String> {
    let fields: BTreeMap<String, String> = item
        .fields
        .iter()
        .filter_map(|field| Some((field.ident.as_ref()?.to_string(), short(&field.ty))))
        .collect();
    let mut members = Vec::new();
    let mut extra = String::new();
    for row in rows(body) {
        let words: Vec<&str> = row.split_whitespace().collect();
        let (mode, field) = (words[0], words[1]);
        let ty = fields
            .get(field)
            .ok_or_else(|| format!("{}: no field {field}", item.ident))?;
        if mode == "extra" {
            extra.clone_from(ty);
            continue;
        }
        let codec = row
            .rsplit('"')
            .next()
            .unwrap_or_default()
            .split(',')
            .next()
            .unwrap_or_default();
        let codec = codec.replace(' ', "").replace("crate::codec::", "");
        members.push(Member {
            field: field.to_owned(),
            wire: quoted(&row)
                .ok_or_else(|| format!("{}.{field} has no name on the wire", item.ident))?,
            ty: ty.clone(),
            codec: Some(codec).filter(|codec| codec != "Plain"),
            required: mode == "required",
            secret: row.ends_with(", secret") || row.ends_with("secret"),
        });
    }
    if members.len() + 1 != fields.len() {
        return Err(format!(
            "{}: a field is neither read nor written",
            item.ident
        ));
    }
    Ok(Body::Object { members, extra })
}

/// The rows of a macro call's body.
fn rows(body: &str) -> Vec<String> {
    let body = body.trim().trim_start_matches('{').trim_end_matches('}');
    let rows = body.split(';').map(|row| row.trim().to_owned());
    rows.filter(|row| !row.is_empty()).collect()
}

/// What is between the quotation marks.
fn quoted(row: &str) -> Option<String> {
    let (_, rest) = row.split_once('"')?;
    Some(rest.rsplit_once('"')?.0.to_owned())
}

/// A type without the paths of well-known types.
fn short(ty: &syn::Type) -> String {
    let mut text = ty.to_token_stream().to_string().replace(' ', "");
    for path in [
        "::std::string::",
        "::std::vec::",
        "::std::collections::",
        "::std::boxed::",
        "::rust_decimal::",
    ] {
        text = text.replace(path, "");
    }
    for path in ["crate::", "types::"] {
        text = text.replace(path, "");
    }
    text.replace("&'a", "&")
        .replace(",>", ">")
        .replace(',', ", ")
}
