//! The modules: one for each interface and world, in a tree that follows their names.

use std::iter;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::PathSegment;
use wit_parser::Docs;

use crate::ast::ComposeInput;
use crate::bindings::names::ident;
use crate::bindings::{BindingsModule, BoundFunction, ItemOwner, is_long, is_method};
use crate::check::CheckedInput;
use crate::expand::docs::{docs, spaced};
use crate::expand::glue;
use crate::expand::spans::located;
use crate::expand::types::{CodePlace, CodeWriter, ResourceView};

impl CodeWriter<'_> {
    /// The module of the composition, which contains all others.
    pub(super) fn tree(self, checked: &CheckedInput) -> TokenStream {
        let modules: Vec<&BindingsModule> = self.bindings.modules.iter().collect();
        let composition = &checked.input.composition;
        let title = format!(" The types and interfaces of [`{composition}`].");
        let (root, private) = (self.root, private(&checked.input));
        let glue = glue::all(self, checked);
        let children = self.level(0, &modules);
        // The types of resources may be private to the module of the composition.
        let allowed = (!checked.input.with.is_empty())
            .then(|| quote!(#[allow(private_interfaces, private_bounds)]));
        quote! {
            #[doc = #title]
            #[allow(clippy::type_complexity, deprecated)]
            #allowed
            pub mod #root {
                use #private;

                #children
                #glue
            }
        }
    }

    /// The modules at one depth of the tree, in sorted order.
    fn level(self, depth: usize, modules: &[&BindingsModule]) -> TokenStream {
        let same =
            |a: &&BindingsModule, b: &&BindingsModule| a.path.get(depth) == b.path.get(depth);
        let children = modules.chunk_by(same).filter_map(|inside| {
            let name = ident(inside.first()?.path.get(depth)?);
            // Since they are sorted, the module at this path itself comes first.
            let (own, below) = match inside.split_first() {
                Some((first, rest)) if first.path.len() == depth + 1 => (Some(*first), rest),
                _ => (None, inside),
            };
            let below = self.level(depth + 1, below);
            Some(match own {
                Some(module) => {
                    let (docs, content) = (self.docs_of(module), self.content(module));
                    let content = located(content, module.span);
                    quote! {
                        #docs
                        pub mod #name {
                            #[allow(unused_imports)]
                            use super::private::{self, prelude::*};

                            #content
                            #below
                        }
                    }
                }
                None => {
                    let docs = self.docs_between(depth, inside.first()?);
                    quote! {
                        #docs
                        pub mod #name {
                            use super::private;

                            #below
                        }
                    }
                }
            })
        });
        children.collect()
    }

    fn docs_of(self, module: &BindingsModule) -> TokenStream {
        let otherwise = match (&module.interface, module.owner) {
            (Some(name), _) => format!("The interface `{name}`."),
            (None, ItemOwner::World(id)) => {
                format!("The world `{}`.", self.resolve.worlds[id].name)
            }
            (None, ItemOwner::Interface(_)) => "An interface.".to_owned(),
        };
        docs(self.docs_said(module), &otherwise)
    }

    /// The documentation of an interface or a world in the WIT.
    pub(super) fn docs_said(&self, module: &BindingsModule) -> &Docs {
        match module.owner {
            ItemOwner::Interface(id) => &self.resolve.interfaces[id].docs,
            ItemOwner::World(id) => &self.resolve.worlds[id].docs,
        }
    }

    /// The docs of a module that only contains others.
    fn docs_between(self, depth: usize, module: &BindingsModule) -> TokenStream {
        let package = match module.owner {
            ItemOwner::Interface(id) => self.resolve.interfaces[id].package,
            ItemOwner::World(id) => self.resolve.worlds[id].package,
        };
        let package = package.map(|id| &self.resolve.packages[id]);
        match (depth, package) {
            (0, Some(package)) => {
                let title = format!("Packages of `{}`.", package.name.namespace);
                docs(&Docs::default(), &title)
            }
            (1, Some(package)) => docs(&package.docs, &format!("The package `{}`.", package.name)),
            _ => docs(&Docs::default(), "What a world has inside."),
        }
    }

    /// The content of the module of an interface or a world.
    fn content(self, module: &BindingsModule) -> TokenStream {
        let types = self.types(module);
        let untyped = self.untyped(module);
        let handle = module.has_handle().then(|| self.handle(module));
        let has_trait = self.bindings.has_trait(module);
        let host = has_trait.then(|| self.host_trait(module));
        let wire = self.wire(module);
        quote! {
            #types
            #untyped
            #handle
            #host
            #wire
        }
    }

    /// The struct whose methods call the functions of an interface.
    fn handle(self, module: &BindingsModule) -> TokenStream {
        let interface = module.interface.as_deref().unwrap_or_default();
        let title = format!("The functions of `{interface}`.");
        let title = spaced(iter::once(title).chain(self.left_out(module)));
        let functions = module.functions.iter();
        let functions = functions.filter(|func| !is_method(&func.function));
        let functions = functions.map(|func| self.function(CodePlace::In(module), module, func));
        quote! {
            #(#[doc = #title])*
            #[derive(Clone, Debug)]
            pub struct Exports {
                function_table: private::FunctionTable,
            }

            impl Exports {
                #(#functions)*
            }

            #[doc(hidden)]
            impl From<private::FunctionTable> for Exports {
                fn from(function_table: private::FunctionTable) -> Self {
                    Self { function_table }
                }
            }
        }
    }

    /// Documentation of the functions that have no method.
    fn left_out(self, module: &BindingsModule) -> Vec<String> {
        let left_out = self
            .bindings
            .without_method(module, self.resolve)
            .into_iter();
        let left_out: Vec<String> = left_out
            .map(|(function, what)| format!("* `{}`, because of {what}", function.name))
            .collect();
        match left_out.is_empty() {
            true => Vec::new(),
            false => {
                let title = "These have no method, since typed calls do not support their types:";
                let head = [String::new(), title.to_owned(), String::new()];
                head.into_iter().chain(left_out).collect()
            }
        }
    }

    /// The functions by name and type, and the types in the form in which they cross.
    fn wire(self, module: &BindingsModule) -> Option<TokenStream> {
        let types = self.wire_types(module);
        if types.is_empty() && module.functions.is_empty() && !module.is_hosted() {
            return None;
        }
        let interface = match &module.interface {
            Some(name) => quote!(Some(#name)),
            None => quote!(None),
        };
        let interface = (!module.functions.is_empty())
            .then(|| quote!(const INTERFACE: Option<&str> = #interface;));
        let constants = module.functions.iter();
        let constants = constants.filter(|func| self.has_constant(func));
        let constants = constants.map(|func| self.constant(module, func));
        let exported = registered(module, "exported", |func| {
            func.is_exported.then_some("export")
        });
        let imported = registered(module, "imported", |func| {
            match func.function.kind.is_async() {
                _ if !func.is_imported => None,
                true => Some("import_async"),
                false => Some("import"),
            }
        });
        let provided = module.is_hosted().then(|| self.provided(module));
        Some(quote! {
            /// What crosses.
            #[doc(hidden)]
            pub mod wire {
                #[allow(unused_imports)]
                use super::private::{self, prelude::*};

                #types
                #interface
                #(#constants)*
                #exported
                #imported
                #provided
            }
        })
    }

    /// Whether the function's types can be written outside of the embedder's trait.
    fn has_constant(self, func: &BoundFunction) -> bool {
        let is_linked = func.called.is_some() || func.is_exported || func.is_imported;
        is_linked || self.bindings.shape_of(&func.function).is_plain()
    }

    fn constant(self, module: &BindingsModule, func: &BoundFunction) -> TokenStream {
        let at = CodePlace::Inside(module, "wire");
        let BoundFunction {
            function, constant, ..
        } = func;
        let (constant, name) = (ident(constant), &function.name);
        let params = match is_long(function) {
            true => quote!(private::UntypedParams),
            false => {
                let params = function.params.iter();
                let params = params.map(|param| self.ty(at, ResourceView::Wire, &param.ty));
                quote!((#(#params,)*))
            }
        };
        let result = function
            .result
            .iter()
            .map(|ty| self.ty(at, ResourceView::Wire, ty));
        let new = match func.called {
            Some(index) => {
                let index = proc_macro2::Literal::usize_unsuffixed(index);
                quote!(new(#index, INTERFACE, #name))
            }
            None => quote!(linked(INTERFACE, #name)),
        };
        quote! {
            pub const #constant: private::Function<#params, (#(#result,)*)> =
                private::Function::#new;
        }
    }
}

/// The function that registers the module's functions with a part.
fn registered(
    module: &BindingsModule,
    name: &str,
    wanted: fn(&BoundFunction) -> Option<&'static str>,
) -> Option<TokenStream> {
    let calls = module.functions.iter().filter_map(|func| {
        let verb = ident(wanted(func)?);
        let constant = ident(&func.constant);
        Some(quote!(registry.#verb(&#constant);))
    });
    let mut calls = calls.peekable();
    calls.peek()?;
    let name = ident(name);
    Some(quote! {
        pub fn #name<T: Send + 'static>(registry: &mut private::TypedRegistry<T>) {
            #(#calls)*
        }
    })
}

/// The path of `composer::private`, seen from one module below the macro's.
fn private(input: &ComposeInput) -> TokenStream {
    let Some(path) = &input.krate else {
        return quote_spanned!(input.composition.span()=> ::composer::private);
    };
    let mut path = path.clone();
    let first = path
        .segments
        .first()
        .map(|segment| segment.ident.to_string());
    let up = PathSegment::from(ident("super"));
    match first.as_deref() {
        _ if path.leading_colon.is_some() => {}
        Some("self") => {
            if let Some(first) = path.segments.first_mut() {
                *first = up;
            }
        }
        Some("super") => path.segments.insert(0, up),
        _ => {}
    }
    let path = path.to_token_stream();
    quote!(#path::private)
}
