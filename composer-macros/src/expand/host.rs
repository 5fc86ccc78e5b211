//! The traits that the embedder implements.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use wit_parser::{Function, FunctionKind};

use super::docs::{docs, spaced};
use super::types::{Place, View, Writer};
use crate::surface::names::{ident, snake};
use crate::surface::{Func, Hosted, Module};

/// The names of the variables where a method is called.
const VARIABLES: [&str; 3] = ["host", "linker", "program"];

/// How a method is called, and the function defined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    Never,
    /// The whole component waits with it.
    Frozen,
    /// The component goes on beside it.
    Beside,
}

impl Writer<'_> {
    /// The trait with the functions of a module.
    pub(super) fn host_trait(self, module: &Module) -> TokenStream {
        let what = match &module.interface {
            Some(interface) => format!("the functions of `{interface}`"),
            None => "functions that the world imports".to_owned(),
        };
        let doc = spaced([
            format!("What the program provides: {what}."),
            String::new(),
            "One value serves all components of a composition at once.".to_owned(),
        ]);
        let methods = hosted(module).map(|(func, hosted)| self.host_method(module, func, hosted));
        quote! {
            #(#[doc = #doc])*
            pub trait Host: Send + Sync + 'static {
                #(#methods)*
            }
        }
    }

    fn host_method(self, module: &Module, func: &Func, hosted: Hosted) -> TokenStream {
        let at = Place::In(module);
        let name = ident(&func.name);
        let docs = docs(
            &func.function.docs,
            &format!("Answers `{}`.", func.function.name),
        );
        let params = params(&func.function);
        let types = func.function.params.iter();
        let types = types.map(|param| self.ty(at, View::Typed, &param.ty));
        let result = func.function.result.as_ref();
        let result = result.map(|ty| self.ty(at, View::Typed, ty));
        let result = match (result, hosted.trappable) {
            (result, true) => {
                let result = result.unwrap_or_else(|| quote!(()));
                Some(quote!(wasmtime::Result<#result>))
            }
            (result, false) => result,
        };
        let returns = match waits(&func.function, hosted) {
            Waits::Never => result.map(|result| quote!(-> #result)),
            _ => {
                let result = result.unwrap_or_else(|| quote!(()));
                Some(quote!(-> impl Future<Output = #result> + Send))
            }
        };
        quote! {
            #docs
            fn #name(&self, #(#params: #types),*) #returns;
        }
    }

    /// The function that defines those of the trait in a part's linker.
    pub(super) fn provided(self, module: &Module) -> TokenStream {
        let definitions = hosted(module).map(|(func, hosted)| {
            let definition = definition(func, hosted);
            match &module.interface {
                Some(_) => definition,
                None => {
                    let name = &func.function.name;
                    quote! {
                        linker.function(#name, |linker| {
                            #definition
                            Ok(())
                        })?;
                    }
                }
            }
        });
        let body = match &module.interface {
            Some(interface) => quote! {
                linker.interface(#interface, |linker| {
                    #(#definitions)*
                    Ok(())
                })
            },
            None => quote! {
                #(#definitions)*
                Ok(())
            },
        };
        quote! {
            pub fn provided<T: 'static, H: super::Host>(
                linker: &mut private::HostLinker<'_, T>,
                host: &std::sync::Arc<H>,
            ) -> wasmtime::Result<()> {
                #body
            }
        }
    }
}

/// The functions that the embedder implements.
fn hosted(module: &Module) -> impl Iterator<Item = (&Func, Hosted)> {
    let functions = module.functions.iter();
    functions.filter_map(|func| Some((func, func.hosted?)))
}

fn waits(function: &Function, hosted: Hosted) -> Waits {
    match function.kind {
        FunctionKind::AsyncFreestanding
        | FunctionKind::AsyncMethod(_)
        | FunctionKind::AsyncStatic(_) => Waits::Beside,
        _ if hosted.is_async => Waits::Frozen,
        _ => Waits::Never,
    }
}

fn definition(func: &Func, hosted: Hosted) -> TokenStream {
    let (constant, method) = (ident(&func.constant), ident(&func.name));
    let params = params(&func.function);
    let args = quote!((#(#params,)*));
    let waits = waits(&func.function, hosted);
    let mut call = quote!(program.#method(#(#params),*));
    if waits != Waits::Never {
        call = quote!(#call.await);
    }
    if hosted.trappable {
        call = quote!(#call?);
    }
    let answer = match &func.function.result {
        Some(_) => quote!(Ok((#call,))),
        None => quote! {
            #call;
            Ok(())
        },
    };
    match waits {
        Waits::Never => quote! {
            let program = std::sync::Arc::clone(host);
            #constant.define(linker, move |#args| { #answer })?;
        },
        _ => {
            let define = match waits {
                Waits::Beside => ident("define_concurrent"),
                _ => ident("define_async"),
            };
            quote! {
                let program = std::sync::Arc::clone(host);
                #constant.#define(linker, move |#args| {
                    let program = std::sync::Arc::clone(&program);
                    async move { #answer }
                })?;
            }
        }
    }
}

fn params(function: &Function) -> Vec<Ident> {
    let mut names: HashSet<String> = VARIABLES.map(str::to_owned).into();
    let params = function.params.iter().map(|param| {
        let mut name = snake(&param.name);
        while !names.insert(name.clone()) {
            name.push('_');
        }
        ident(&name)
    });
    params.collect()
}
