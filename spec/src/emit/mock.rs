//! Mocks: for each operation what a request can be asked to be, and what can be answered.
//!
//! Rule: **the names are the generator's, the behaviour is ours.** progenitor decides what there is to ask of a request,
//! under which name and type. What it makes of that knows no base URL, does not escape, and reads JSON through floats;
//! and it was told of one success only. So the bodies become calls of the hand-written part, and the answers are those
//! of the whole document.

mod answers;

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut as _;
use syn::{FnArg, ImplItem, ImplItemFn, Item, ItemImpl, Type, parse_quote};

use super::table::{function_name, resolved, security};
use super::{Error, client, generator, types};
use answers::{Answer, answers};

/// Replaces everything that is inside of `operations`.
pub(super) fn rewrite(
    file: &mut syn::File,
    openapi: &Value,
    document: &Value,
    module: &Ident,
) -> Result<(), Error> {
    types::Signatures.visit_file_mut(file);
    let operations = operations(openapi, document)?;
    let items = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(item) if item.ident == "operations" => item.content.as_mut(),
        _ => None,
    });
    let (_, items) =
        items.ok_or_else(|| Error::pass("the generated mocks", "no module `operations`"))?;
    let mut seen = BTreeSet::new();
    for item in items.iter_mut() {
        match item {
            Item::Use(import) => *import = parse_quote!(use crate::#module::{OPERATIONS, types};),
            Item::Struct(definition) => {
                let (operation, side) = find(&operations, &definition.ident)?;
                let doc = side.doc(operation);
                definition.attrs.push(parse_quote!(#[doc = #doc]));
            }
            Item::Impl(block) => {
                let name = name_of(block)?;
                let (operation, side) = find(&operations, &name)?;
                seen.insert(name.to_string());
                match side {
                    Side::When => operation.requests(block)?,
                    Side::Then => operation.answers(block)?,
                }
            }
            _ => {}
        }
    }
    match seen.len() == 2 * operations.len() {
        true => Ok(()),
        false => Err(Error::pass("the generated mocks", "operations are missing")),
    }
}

#[derive(Clone, Copy)]
enum Side {
    When,
    Then,
}

impl Side {
    fn doc(self, operation: &Operation) -> String {
        match self {
            Self::When => format!(" What a request of `{}` must be.", operation.line),
            Self::Then => format!(" What `{}` answers.", operation.line),
        }
    }
}

/// What the document says of an operation.
struct Operation {
    id: String,
    function: String,
    /// The method and the path.
    line: String,
    /// The names of the path's parameters as the generator knows them, in their order.
    path: Vec<String>,
    /// What parameters that had to be renamed are called on the wire.
    names: BTreeMap<String, String>,
    /// The media type of the body.
    body: Option<String>,
    security: BTreeSet<&'static str>,
    answers: Vec<Answer>,
}

fn operations(openapi: &Value, document: &Value) -> Result<Vec<Operation>, Error> {
    let mut operations = Vec::new();
    for method in client::operations(document) {
        let path = &document["paths"][&method.path];
        let found = path.as_object().into_iter().flatten();
        let (verb, operation) = found
            .into_iter()
            .find(|(_, operation)| operation["operationId"].as_str() == Some(&method.id))
            .ok_or_else(|| Error::pass(format!("operation {}", method.id), "is lost"))?;
        let given = &openapi["paths"][&method.path][verb];
        let content = operation["requestBody"]["content"].as_object();
        operations.push(Operation {
            line: format!("{} {}", verb.to_uppercase(), method.path),
            path: client::parameters(&method.path)
                .iter()
                .map(|name| function_name(name))
                .collect(),
            body: content.and_then(|content| content.keys().next().cloned()),
            security: kinds(openapi, given),
            answers: answers(openapi, operation, given, &method.id)?,
            id: method.id,
            function: method.function,
            names: method.names,
        });
    }
    Ok(operations)
}

/// How a request can be authenticated.
fn kinds(openapi: &Value, given: &Value) -> BTreeSet<&'static str> {
    let schemes = security(openapi, given);
    let kinds = schemes.iter().filter_map(|name| {
        let scheme = resolved(openapi, &openapi["components"]["securitySchemes"][name]);
        let http = |kind| {
            scheme["scheme"]
                .as_str()
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case(kind))
        };
        // Swagger 2.0 has no word for a bearer token, so it is a key by that name.
        let key = name.to_lowercase().contains("bearer") && scheme["in"] == "header";
        match () {
            () if http("bearer") || key => Some("bearer"),
            () if http("basic") => Some("basic"),
            () => None,
        }
    });
    kinds.collect()
}

fn find<'a>(operations: &'a [Operation], name: &Ident) -> Result<(&'a Operation, Side), Error> {
    let text = name.to_string();
    let (stem, side) = match (text.strip_suffix("When"), text.strip_suffix("Then")) {
        (Some(stem), _) => (stem, Side::When),
        (_, Some(stem)) => (stem, Side::Then),
        _ => return Err(Error::pass(text, "is neither a when nor a then")),
    };
    let operation = operations
        .iter()
        .find(|operation| operation.function.to_pascal_case() == stem);
    operation
        .map(|operation| (operation, side))
        .ok_or_else(|| Error::pass(text, "is of no operation"))
}

fn name_of(block: &ItemImpl) -> Result<Ident, Error> {
    let Type::Path(path) = &*block.self_ty else {
        return Err(Error::pass("the generated mocks", "an unexpected `impl`"));
    };
    let last = path.path.segments.last();
    last.map(|last| last.ident.clone())
        .ok_or_else(|| Error::pass("the generated mocks", "an `impl` of nothing"))
}

impl Operation {
    fn place(&self) -> String {
        format!("operation {}", self.id)
    }

    /// The matchers.
    fn requests(&self, block: &mut ItemImpl) -> Result<(), Error> {
        let id = &self.id;
        let mut names = BTreeSet::new();
        let mut body = None;
        for item in &mut block.items {
            let ImplItem::Fn(function) = item else {
                continue;
            };
            let name = function.sig.ident.to_string();
            match name.as_str() {
                "new" => {
                    document(function, "Any request of this operation, at any base URL.");
                    function.block = parse_quote!({
                        Self(crate::mock::operation(inner, OPERATIONS, #id))
                    });
                }
                "into_inner" => document(function, "To ask for more than is documented."),
                _ => {
                    self.matcher(function)?;
                    if name == "body" {
                        body = argument(function).cloned();
                    }
                }
            }
            names.insert(name);
        }
        let mut more: Vec<ImplItem> = self.security.iter().map(|kind| authorised(kind)).collect();
        more.extend(body.as_ref().and_then(|ty| self.body_where(ty)));
        let free = |item: &ImplItem| match item {
            ImplItem::Fn(function) => !names.contains(&function.sig.ident.to_string()),
            _ => true,
        };
        block.items.extend(more.into_iter().filter(free));
        Ok(())
    }

    /// Replaces the body of one matcher by a call.
    fn matcher(&self, function: &mut ImplItemFn) -> Result<(), Error> {
        let name = function.sig.ident.to_string();
        let mut calls = Calls::default();
        calls.visit_block(&function.block);
        let wire = calls.name.map(|name| {
            let wire = self.names.get(&name);
            wire.cloned().unwrap_or(name)
        });
        let optional = calls.optional;
        let (doc, call): (String, TokenStream) = match (calls.kind.as_deref(), wire) {
            (Some("path_matches"), _) => {
                let position = self.path.iter().position(|parameter| *parameter == name);
                let position = position.ok_or_else(|| {
                    Error::pass(self.place(), format!("its path has no parameter {name}"))
                })?;
                let id = &self.id;
                (
                    "This parameter of the path, as it is before it is escaped.".to_owned(),
                    quote!(crate::mock::path(self.0, OPERATIONS, #id, #position, &value)),
                )
            }
            (Some(kind @ ("query_param" | "header")), Some(wire)) => {
                let what = match kind {
                    "header" => "header",
                    _ => "query parameter",
                };
                let (value, absent) = match optional {
                    true => (quote!(value.into().as_ref()), "; `None`: without it"),
                    false => (quote!(Some(&value)), ""),
                };
                let call = format_ident!("{}", kind.trim_end_matches("_param"));
                (
                    format!("The {what} `{wire}`{absent}."),
                    quote!(crate::mock::#call(self.0, #wire, #value)),
                )
            }
            (Some("json_body_obj"), _)
                if self.body.as_deref() == Some("application/x-www-form-urlencoded") =>
            {
                (
                    "Exactly this form.".to_owned(),
                    quote!(crate::mock::form(self.0, value)),
                )
            }
            (Some("json_body_obj"), _) => (
                "Exactly these members, in any order; numbers with exactly these digits."
                    .to_owned(),
                quote!(crate::mock::body(self.0, value)),
            ),
            (Some("json_body" | "body"), _) => {
                if let Some(ty) = argument_mut(function) {
                    *ty = parse_quote!(impl AsRef<[u8]>);
                }
                (
                    "Exactly these bytes.".to_owned(),
                    quote!(crate::mock::bytes(self.0, value.as_ref())),
                )
            }
            _ => {
                return Err(Error::pass(
                    self.place(),
                    format!("its matcher {name} is not written as expected"),
                ));
            }
        };
        document(function, &doc);
        function.block = parse_quote!({ Self(#call) });
        Ok(())
    }

    /// A matcher by a function of the body, when it is JSON of a type.
    fn body_where(&self, ty: &Type) -> Option<ImplItem> {
        let Type::Reference(reference) = ty else {
            return None;
        };
        if self.body.as_deref() != Some("application/json") {
            return None;
        }
        let ty = &reference.elem;
        Some(parse_quote! {
            /// A body of which this is true. One that cannot be read is none.
            pub fn body_where(
                self,
                is: impl Fn(&#ty) -> bool + Send + Sync + 'static,
            ) -> Self {
                Self(crate::mock::body_where(self.0, is))
            }
        })
    }

    /// The documented answers.
    fn answers(&self, block: &mut ItemImpl) -> Result<(), Error> {
        block.items.retain_mut(|item| match item {
            ImplItem::Fn(function) if function.sig.ident == "new" => {
                document(function, "Nothing yet.");
                true
            }
            ImplItem::Fn(function) if function.sig.ident == "into_inner" => {
                document(
                    function,
                    "To answer otherwise than documented, late, or only so often.",
                );
                true
            }
            _ => false,
        });
        for answer in &self.answers {
            let alone = self
                .answers
                .iter()
                .filter(|other| other.status == answer.status)
                .count()
                == 1;
            block.items.push(answer.function(alone, &self.place())?);
        }
        Ok(())
    }
}

fn authorised(kind: &str) -> ImplItem {
    match kind {
        "basic" => parse_quote! {
            /// With this user name and password.
            pub fn basic(self, username: &str, password: &str) -> Self {
                Self(crate::mock::basic(self.0, username, password))
            }
        },
        _ => parse_quote! {
            /// With this token.
            pub fn bearer(self, token: &str) -> Self {
                Self(crate::mock::bearer(self.0, token))
            }
        },
    }
}

fn document(function: &mut ImplItemFn, doc: &str) {
    let doc = format!(" {doc}");
    function.attrs = vec![parse_quote!(#[doc = #doc])];
}

fn argument(function: &ImplItemFn) -> Option<&Type> {
    function.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(typed) => Some(&*typed.ty),
        FnArg::Receiver(_) => None,
    })
}

fn argument_mut(function: &mut ImplItemFn) -> Option<&mut Type> {
    function
        .sig
        .inputs
        .iter_mut()
        .find_map(|input| match input {
            FnArg::Typed(typed) => Some(&mut *typed.ty),
            FnArg::Receiver(_) => None,
        })
}

/// What a matcher of the generator calls.
#[derive(Default)]
struct Calls {
    kind: Option<String>,
    /// The first argument, if it is a text.
    name: Option<String>,
    optional: bool,
}

impl<'ast> Visit<'ast> for Calls {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let method = call.method.to_string();
        match method.as_str() {
            "path_matches" | "query_param" | "header" | "json_body_obj" | "json_body" | "body" => {
                self.kind = Some(method);
                if let Some(syn::Expr::Lit(literal)) = call.args.first()
                    && let syn::Lit::Str(text) = &literal.lit
                {
                    self.name = Some(text.value());
                }
            }
            "query_param_missing" | "header_missing" => self.optional = true,
            _ => {}
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// The generator's mocks of a normalised document.
pub(super) fn generated(document: &Value, module: &Ident) -> Result<syn::File, Error> {
    let tokens = generator::mocks(document, &format!("crate::{module}"))?;
    syn::parse2(tokens).map_err(|error| Error::pass("the generated mocks", error.to_string()))
}
