//! The client: one hook, checked path arguments, and no constructor with settings of its own.
//!
//! Rule: **a method does at each call what only that call can need.** What the specification alone decides (the place in
//! the table, the URL where there are no parameters) is found once; a header that no service asks for is not made.

use std::collections::{BTreeMap, BTreeSet};

use quote::quote;
use serde_json::Value;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ImplItem, Item, Pat, Stmt, Token};

use super::{Error, table};

pub(super) fn rewrite(file: &mut syn::File, document: &Value) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    let operations = operations(document);
    let mut base = Base { changed: 0 };
    base.visit_file_mut(file);
    if base.changed != 2 {
        return Err(Error::pass("the client", "its base URL was not found"));
    }
    for item in &mut file.items {
        let Item::Impl(block) = item else { continue };
        if block.trait_.is_some() {
            continue;
        }
        // Its client would follow redirects and give up after 15 seconds, whatever is being bought.
        block
            .items
            .retain(|item| !matches!(item, ImplItem::Fn(f) if f.sig.ident == "new"));
        for item in &mut block.items {
            let ImplItem::Fn(function) = item else {
                continue;
            };
            let name = function.sig.ident.to_string();
            let Some(Method {
                path, id, names, ..
            }) = operations.iter().find(|method| method.function == name)
            else {
                continue;
            };
            let parameters = parameters(path);
            let mut pass = Urls {
                path,
                parameters: &parameters,
                problem: None,
                done: false,
            };
            pass.visit_block_mut(&mut function.block);
            if let Some(reason) = pass.problem {
                return Err(Error::pass(format!("operation {id}"), reason));
            }
            if !pass.done {
                return Err(Error::pass(
                    format!("operation {id}"),
                    "its URL was not found",
                ));
            }
            Verbs.visit_block_mut(&mut function.block);
            WireNames(names).visit_block_mut(&mut function.block);
            slim(&mut function.block, &name)
                .map_err(|reason| Error::pass(format!("operation {id}"), reason))?;
            seen.insert(name);
        }
    }
    for Method { function, id, .. } in &operations {
        if !seen.contains(function) {
            return Err(Error::pass(
                format!("operation {id}"),
                format!("no method {function}"),
            ));
        }
    }
    // The check that there are hooks, and a prelude of one name.
    file.items.retain(|item| match item {
        Item::Const(constant) => constant.ident != "_",
        Item::Mod(module) => module.ident != "prelude",
        _ => true,
    });
    Ok(())
}

/// What the document says of a generated method.
pub(super) struct Method {
    pub(super) function: String,
    pub(super) path: String,
    pub(super) id: String,
    /// What parameters that had to be renamed are called on the wire.
    pub(super) names: BTreeMap<String, String>,
}

pub(super) fn operations(document: &Value) -> Vec<Method> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let operations = item.as_object().into_iter().flatten();
        operations.map(move |(_, operation)| (path, operation))
    });
    operations
        .map(|(path, operation)| {
            let id = operation["operationId"].as_str().unwrap_or_default();
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let renamed = parameters.filter_map(|parameter| {
                let wire = parameter["x-wire-name"].as_str()?;
                Some((parameter["name"].as_str()?.to_owned(), wire.to_owned()))
            });
            Method {
                function: table::function_name(id),
                path: path.clone(),
                id: id.to_owned(),
                names: renamed.collect(),
            }
        })
        .collect()
}

/// The HTTP client has no method of its own for these two.
struct Verbs;

impl VisitMut for Verbs {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        let verb: Option<Expr> = match call.method.to_string().as_str() {
            "options" => Some(syn::parse_quote!(reqwest::Method::OPTIONS)),
            "trace" => Some(syn::parse_quote!(reqwest::Method::TRACE)),
            _ => None,
        };
        if let Some(verb) = verb
            && call.args.len() == 1
        {
            call.method = syn::parse_quote!(request);
            call.args.insert(0, verb);
        }
    }
}

/// Puts the names on the wire back.
struct WireNames<'a>(&'a BTreeMap<String, String>);

impl VisitMut for WireNames<'_> {
    fn visit_lit_str_mut(&mut self, text: &mut syn::LitStr) {
        if let Some(wire) = self.0.get(&text.value()) {
            *text = syn::LitStr::new(wire, text.span());
        }
    }
}

pub(super) fn parameters(path: &str) -> Vec<&str> {
    let inside = path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    inside.map(|(name, _)| name).collect()
}

/// The base URL is kept together with what is parsed from it.
struct Base {
    changed: usize,
}

impl VisitMut for Base {
    fn visit_item_struct_mut(&mut self, definition: &mut syn::ItemStruct) {
        for field in &mut definition.fields {
            if definition.ident == "Client"
                && field.ident.as_ref().is_some_and(|name| name == "baseurl")
            {
                field.ty = syn::parse_quote!(crate::path::Base);
                self.changed += 1;
            }
        }
    }

    fn visit_field_value_mut(&mut self, field: &mut syn::FieldValue) {
        if field.expr == syn::parse_quote!(baseurl.to_string()) {
            field.expr = syn::parse_quote!(crate::path::Base::new(baseurl, OPERATIONS.len()));
            self.changed += 1;
        }
    }

    fn visit_item_mod_mut(&mut self, _: &mut syn::ItemMod) {
        // The types know nothing of it.
    }
}

/// Leaves away the header that the generator makes up, and hands the rest of a method to the hand-written part: from the
/// request to its answer, and from that to the body.
fn slim(block: &mut Block, function: &str) -> Result<(), String> {
    let made_up = |statement: &Stmt| match statement {
        Stmt::Expr(Expr::MethodCall(call), _) => {
            is(&call.receiver, "header_map") && text(call).contains("api_version")
        }
        _ => false,
    };
    block.stmts.retain(|statement| !made_up(statement));
    let mut map = HeaderMap { appends: 0 };
    map.visit_block_mut(block);
    if map.appends == 0 {
        block
            .stmts
            .retain(|statement| local(statement).is_none_or(|name| name != "header_map"));
        NoHeaders.visit_block_mut(block);
    }
    let place = |wanted: &str| {
        let found = block
            .stmts
            .iter()
            .position(|statement| local(statement).is_some_and(|name| name == wanted));
        found.ok_or_else(|| format!("`{wanted}` was not found"))
    };
    let (first, last) = (place("info")?, place("response")?);
    let exchange = syn::parse_quote! {
        let response = crate::wire::exchange(&*self.inner, &self.client, request, &OPERATIONS[PLACE]).await?;
    };
    block.stmts.splice(first..=last, [exchange]);
    let constant = syn::parse_quote! {
        const PLACE: usize = crate::operation::place(OPERATIONS, #function);
    };
    block.stmts.insert(0, constant);
    Whole.visit_block_mut(block);
    Ok(())
}

fn text(tokens: &impl quote::ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

fn is(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Path(path) if path.path.is_ident(name))
}

/// The name that a statement gives to a value.
fn local(statement: &Stmt) -> Option<&syn::Ident> {
    let Stmt::Local(local) = statement else {
        return None;
    };
    match &local.pat {
        Pat::Ident(pattern) => Some(&pattern.ident),
        _ => None,
    }
}

/// Counts what is put into the map of headers.
struct HeaderMap {
    appends: usize,
}

impl VisitMut for HeaderMap {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        visit_mut::visit_expr_method_call_mut(self, call);
        if call.method == "append" && is(&call.receiver, "header_map") {
            self.appends += 1;
        }
    }
}

/// Leaves away the map of headers.
struct NoHeaders;

impl VisitMut for NoHeaders {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::MethodCall(call) = expression
            && call.method == "headers"
            && call.args.first().is_some_and(|map| is(map, "header_map"))
        {
            *expression = (*call.receiver).clone();
        }
    }
}

/// Bodies are read by the hand-written part.
struct Whole;

impl VisitMut for Whole {
    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        visit_mut::visit_expr_call_mut(self, call);
        if *call.func == syn::parse_quote!(ResponseValue::from_response) {
            *call.func = syn::parse_quote!(crate::body::whole);
        }
    }
}

/// `format!("{}/a/{}", self.baseurl, encode_path(&x.to_string()))` becomes
/// `crate::path::url(&self.baseurl, PLACE, "/a/{x}", &[("x", &x)]).map_err(..)?`.
struct Urls<'a> {
    path: &'a str,
    parameters: &'a [&'a str],
    problem: Option<String>,
    done: bool,
}

impl VisitMut for Urls<'_> {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if let Expr::Macro(call) = expression
            && call.mac.path.is_ident("format")
            && !self.done
        {
            match self.url(&call.mac) {
                Ok(url) => *expression = url,
                Err(problem) => self.problem = Some(problem),
            }
            self.done = true;
            return;
        }
        visit_mut::visit_expr_mut(self, expression);
    }
}

impl Urls<'_> {
    fn url(&self, call: &syn::Macro) -> Result<Expr, String> {
        let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
        let arguments = arguments
            .parse2(call.tokens.clone())
            .map_err(|error| format!("its URL is not written as expected: {error}"))?;
        // The text, the base URL, then the parameters in the order of the path.
        if arguments.len() != self.parameters.len() + 2 {
            return Err(format!("its URL takes {} arguments", arguments.len()));
        }
        let values = arguments
            .iter()
            .skip(2)
            .zip(self.parameters)
            .map(|(argument, name)| {
                let value = argument_of(argument)
                    .ok_or_else(|| format!("parameter {name} is not written as expected"))?;
                Ok(quote!((#name, &#value)))
            });
        let values = values.collect::<Result<Vec<_>, String>>()?;
        let path = self.path;
        Ok(syn::parse_quote! {
            crate::path::url(&self.baseurl, PLACE, #path, &[#(#values),*])
                .map_err(Error::InvalidRequest)?
        })
    }
}

/// The `x` of `encode_path(&x.to_string())`.
fn argument_of(expression: &Expr) -> Option<Expr> {
    let Expr::Call(call) = expression else {
        return None;
    };
    let Expr::Path(function) = &*call.func else {
        return None;
    };
    if !function.path.is_ident("encode_path") {
        return None;
    }
    let Expr::Reference(reference) = call.args.first()? else {
        return None;
    };
    let Expr::MethodCall(method) = &*reference.expr else {
        return None;
    };
    (method.method == "to_string").then(|| (*method.receiver).clone())
}
