//! The client: one hook, checked path arguments, and no constructor with settings of its own.

use std::collections::{BTreeMap, BTreeSet};

use quote::quote;
use serde_json::Value;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ImplItem, Item, Token};

use super::{Error, table};

pub(super) fn rewrite(file: &mut syn::File, document: &Value) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    let operations = operations(document);
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
    // The check that the hooks exist, and a prelude of one name.
    file.items.retain(|item| match item {
        Item::Const(constant) => constant.ident != "_",
        Item::Mod(module) => module.ident != "prelude",
        _ => true,
    });
    file.items.push(hooks());
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

/// `format!("{}/a/{}", self.baseurl, encode_path(&x.to_string()))` becomes
/// `crate::path::url(&self.baseurl, "/a/{x}", &[("x", &x)]).map_err(..)?`.
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
            crate::path::url(&self.baseurl, #path, &[#(#values),*]).map_err(Error::InvalidRequest)?
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

fn hooks() -> Item {
    syn::parse_quote! {
        impl ClientHooks<::std::sync::Arc<dyn crate::Wire>> for Client {
            async fn pre<E>(
                &self,
                request: &mut reqwest::Request,
                info: &OperationInfo,
            ) -> ::std::result::Result<(), Error<E>> {
                // The generator makes it up; no service asks for it.
                request.headers_mut().remove("api-version");
                self.inner
                    .prepare(request, crate::operation::of(OPERATIONS, info.operation_id))
                    .await
                    .map_err(Error::Custom)
            }

            async fn exec(
                &self,
                request: reqwest::Request,
                info: &OperationInfo,
            ) -> reqwest::Result<reqwest::Response> {
                self.inner
                    .send(&self.client, request, crate::operation::of(OPERATIONS, info.operation_id))
                    .await
            }
        }
    }
}
