//! Where our own sources name something, found by reading them.
//!
//! Rule: **a place too many is a moment lost, a place too few is a surprise.** Types are not resolved: a field is found
//! by its name in files that deal with the service. Macros are read as tokens.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proc_macro2::{Span, TokenStream, TokenTree};
use recharge_spec::Api;
use recharge_spec::diff::anonymous;
use recharge_spec::report::Spot;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use super::surface::Item;

/// Something that a source names.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Mention {
    /// `value.name`, or `name:` in a literal or a pattern of the type.
    Field(String, Option<String>),
    /// `value.name(…)`.
    Method(String),
    /// `a::b::c`, by its last two segments.
    Path(Option<String>, String),
    /// A literal or pattern of a type that names all fields.
    Literal(String),
    /// A field that a type of ours declares.
    Declared(String),
    /// A text.
    Text(String),
    /// A route: its path, and what handles it.
    Route(String, String),
}

struct Found {
    mention: Mention,
    line: usize,
    function: Option<String>,
}

struct File {
    path: String,
    found: Vec<Found>,
}

/// Our own sources that deal with one service.
pub struct Sources {
    /// Those that use the bindings.
    users: Vec<File>,
    /// Those of the sandbox.
    sandbox: Vec<File>,
}

const USERS: [&str; 5] = ["facade", "cli", "tests/src", "tests/tests", "benches"];

impl Sources {
    /// Reads the sources below the root of the workspace. What cannot be parsed is passed over: it does not compile anyhow.
    pub fn read(root: &Path, api: Api) -> Self {
        let mut users = Vec::new();
        for folder in USERS {
            collect(root, &root.join(folder), &mut users, &|path, text| {
                let module = format!("/{}/", api.name());
                let names = format!("bindings::{}", api.name());
                path.contains(&module)
                    || text.contains(&names)
                    || (text.contains("recharge_bindings")
                        && text.contains(&format!("{}::", api.name())))
            });
        }
        let mut sandbox = Vec::new();
        collect(
            root,
            &root.join("sandbox/src").join(api.name()),
            &mut sandbox,
            &|_, _| true,
        );
        Self { users, sandbox }
    }

    /// Where an item of the bindings is used.
    pub fn of_item(&self, item: &Item) -> Vec<Spot> {
        spots(&self.users, &|mention| match (item, mention) {
            (Item::Method(name), Mention::Method(used)) => name == used,
            (Item::Type(name), Mention::Path(of, used)) => {
                name == used || of.as_ref() == Some(name)
            }
            (Item::Field(of, name), Mention::Field(used, typed)) => {
                name == used && typed.as_ref().is_none_or(|typed| typed == of)
            }
            (
                Item::Variant(of, name) | Item::Function(of, name),
                Mention::Path(Some(typed), used),
            ) => name == used && of == typed,
            (Item::Literal(of), Mention::Literal(typed)) => of == typed,
            _ => false,
        })
    }

    /// Where the facade uses an item. As [`Self::of_item`], but a field counts only in files that also name `near`: its
    /// type, or the methods that deal with it.
    pub fn in_facade(&self, item: &Item, near: &BTreeSet<String>) -> Vec<Spot> {
        let near_by: Vec<&File> = self
            .users
            .iter()
            .filter(|file| file.path.starts_with("facade/"))
            .filter(|file| !matches!(item, Item::Field(..)) || file.names_any(near))
            .collect();
        let paths: BTreeSet<&str> = near_by.iter().map(|file| file.path.as_str()).collect();
        let mut spots = self.of_item(item);
        spots.retain(|spot| paths.contains(spot.file.as_str()));
        spots
    }

    /// Where the sandbox serves a path.
    pub fn handlers(&self, path: &str) -> Vec<Spot> {
        let path = anonymous(path);
        let mut found = Vec::new();
        for file in &self.sandbox {
            for each in &file.found {
                if let Mention::Route(route, handler) = &each.mention
                    && anonymous(route).ends_with(&path)
                {
                    found.push(Spot {
                        file: file.path.clone(),
                        line: each.line,
                        function: Some(handler.clone()),
                    });
                }
            }
        }
        found
    }

    /// Where the sandbox has a member, by its name on the wire or in Rust.
    pub fn in_sandbox(&self, wire: &str, rust: &str) -> Vec<Spot> {
        spots(&self.sandbox, &|mention| match mention {
            Mention::Declared(name) => name == rust,
            Mention::Text(text) => text == wire,
            _ => false,
        })
    }
}

impl File {
    fn names_any(&self, names: &BTreeSet<String>) -> bool {
        self.found.iter().any(|found| match &found.mention {
            Mention::Method(name) => names.contains(name),
            Mention::Path(of, name) => {
                names.contains(name) || of.as_ref().is_some_and(|of| names.contains(of))
            }
            _ => false,
        })
    }
}

fn spots(files: &[File], is_it: &dyn Fn(&Mention) -> bool) -> Vec<Spot> {
    let mut spots = BTreeSet::new();
    for file in files {
        for found in file.found.iter().filter(|found| is_it(&found.mention)) {
            spots.insert(Spot {
                file: file.path.clone(),
                line: found.line,
                function: found.function.clone(),
            });
        }
    }
    spots.into_iter().collect()
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>, deals: &dyn Fn(&str, &str) -> bool) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(root, &path, files, deals);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let shown = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            if deals(&shown, &text)
                && let Ok(syntax) = syn::parse_file(&text)
            {
                let mut reader = Reader::default();
                reader.visit_file(&syntax);
                files.push(File {
                    path: shown,
                    found: reader.found,
                });
            }
        }
    }
}

#[derive(Default)]
struct Reader {
    found: Vec<Found>,
    functions: Vec<String>,
}

impl Reader {
    fn add(&mut self, span: Span, mention: Mention) {
        self.found.push(Found {
            mention,
            line: span.start().line,
            function: self.functions.last().cloned(),
        });
    }

    fn path(&mut self, path: &syn::Path) {
        let mut segments = path
            .segments
            .iter()
            .rev()
            .map(|segment| segment.ident.to_string());
        if let Some(last) = segments.next() {
            self.add(path.span(), Mention::Path(segments.next(), last));
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut after_dot = false;
        let mut before: Option<String> = None;
        let mut trees = tokens.into_iter().peekable();
        while let Some(tree) = trees.next() {
            match tree {
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    before = None;
                    after_dot = false;
                }
                TokenTree::Ident(ident) if after_dot => {
                    let called = matches!(trees.peek(), Some(TokenTree::Group(_)));
                    let name = ident.to_string();
                    let mention = if called {
                        Mention::Method(name)
                    } else {
                        Mention::Field(name, None)
                    };
                    self.add(ident.span(), mention);
                    after_dot = false;
                    before = None;
                }
                TokenTree::Ident(ident) => {
                    self.add(
                        ident.span(),
                        Mention::Path(before.take(), ident.to_string()),
                    );
                    before = Some(ident.to_string());
                }
                TokenTree::Punct(punct) => {
                    after_dot = punct.as_char() == '.';
                    if punct.as_char() != ':' {
                        before = None;
                    }
                }
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.add(literal.span(), Mention::Text(text.value()));
                    }
                }
            }
        }
    }

    fn within(&mut self, name: &syn::Ident, visit: impl FnOnce(&mut Self)) {
        self.functions.push(name.to_string());
        visit(self);
        self.functions.pop();
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.within(&item.sig.ident, |this| visit::visit_item_fn(this, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.within(&item.sig.ident, |this| {
            visit::visit_impl_item_fn(this, item)
        });
    }

    fn visit_expr_field(&mut self, expression: &'ast syn::ExprField) {
        if let syn::Member::Named(name) = &expression.member {
            self.add(name.span(), Mention::Field(name.to_string(), None));
        }
        visit::visit_expr_field(self, expression);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let mut arguments = call.args.iter();
        match (call.method == "route", arguments.next(), arguments.next()) {
            (true, Some(syn::Expr::Lit(path)), Some(handler)) => {
                if let syn::Lit::Str(text) = &path.lit {
                    let mention = Mention::Route(text.value(), handlers(handler).join(", "));
                    self.add(path.span(), mention);
                }
            }
            _ => self.add(call.method.span(), Mention::Method(call.method.to_string())),
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_struct(&mut self, literal: &'ast syn::ExprStruct) {
        let of = literal
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string());
        for field in &literal.fields {
            if let syn::Member::Named(name) = &field.member {
                self.add(name.span(), Mention::Field(name.to_string(), of.clone()));
            }
        }
        if literal.rest.is_none() {
            self.add(literal.span(), Mention::Literal(of.unwrap_or_default()));
        }
        visit::visit_expr_struct(self, literal);
    }

    fn visit_pat_struct(&mut self, pattern: &'ast syn::PatStruct) {
        let of = pattern
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string());
        for field in &pattern.fields {
            if let syn::Member::Named(name) = &field.member {
                self.add(name.span(), Mention::Field(name.to_string(), of.clone()));
            }
        }
        if pattern.rest.is_none() {
            self.add(pattern.span(), Mention::Literal(of.unwrap_or_default()));
        }
        visit::visit_pat_struct(self, pattern);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.add(name.span(), Mention::Declared(name.to_string()));
        }
        visit::visit_field(self, field);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.path(path);
        visit::visit_path(self, path);
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.add(text.span(), Mention::Text(text.value()));
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
    }
}

/// The functions named in `post(create).get(read)`.
fn handlers(expression: &syn::Expr) -> Vec<String> {
    let (before, arguments) = match expression {
        syn::Expr::Call(call) => (Vec::new(), &call.args),
        syn::Expr::MethodCall(call) => (handlers(&call.receiver), &call.args),
        _ => return Vec::new(),
    };
    let named = arguments.iter().filter_map(|argument| match argument {
        syn::Expr::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string()),
        _ => None,
    });
    before.into_iter().chain(named).collect()
}
