//! The traits that the embedder implements.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use wit_parser::{Function, FunctionKind};

use crate::bindings::names::{camel, ident};
use crate::bindings::{
    BindingsModule, BoundFunction, HostFunction, host_name, is_method, names, resource_of,
};
use crate::expand::docs::{docs, docs_and, since, spaced};
use crate::expand::functions::many;
use crate::expand::types::{CodePlace, CodeWriter, ResourceView};

/// The names of the local variables where a method is called.
const VARIABLES: [&str; 4] = ["host", "linker", "program", "table"];

/// How a method is called and its function is defined.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CallMode {
    Sync,
    /// The whole component waits for the call.
    Blocking,
    /// The component continues during the call.
    Concurrent,
}

impl CodeWriter<'_> {
    /// The trait with the functions of a module.
    pub(super) fn host_trait(self, module: &BindingsModule) -> TokenStream {
        let what = match &module.interface {
            Some(interface) => format!("the functions of `{interface}`"),
            None => "what the world itself imports".to_owned(),
        };
        let doc = spaced([
            format!("What the program provides: {what}."),
            String::new(),
            "One value serves all components of a composition at once.".to_owned(),
        ]);
        let resources = self.host_resources(module);
        let resources =
            resources.map(|(name, docs)| quote!(#docs type #name: Send + Sync + 'static;));
        let methods = hosted(module).map(|(func, hosted)| self.host_method(module, func, hosted));
        quote! {
            #(#[doc = #doc])*
            pub trait Host: Send + Sync + 'static {
                #(#resources)*
                #(#methods)*
            }
        }
    }

    fn host_method(
        self,
        module: &BindingsModule,
        func: &BoundFunction,
        hosted: HostFunction,
    ) -> TokenStream {
        let at = CodePlace::In(module);
        let name = ident(&host_name(self.resolve, func));
        let docs = docs_and(
            &func.function.docs,
            &format!("Answers `{}`.", func.function.name),
            since(&func.function.stability),
        );
        let params = self.host_params(&func.function);
        let types = func.function.params.iter();
        let types = types.map(|param| {
            let view = match self.is_lent_within(&param.ty) {
                true => ResourceView::HostWithin,
                false => ResourceView::Host,
            };
            self.ty(at, view, &param.ty)
        });
        let result = func.function.result.as_ref();
        let result = result.map(|ty| self.ty(at, ResourceView::Host, ty));
        let result = match (result, hosted.trappable) {
            (result, true) => {
                let result = result.unwrap_or_else(|| quote!(()));
                Some(quote!(private::wasmtime::Result<#result>))
            }
            (result, false) => result,
        };
        let returns = match waits(&func.function, hosted) {
            CallMode::Sync => result.map(|result| quote!(-> #result)),
            _ => {
                let result = result.unwrap_or_else(|| quote!(()));
                Some(quote!(-> impl Future<Output = #result> + Send))
            }
        };
        let many = many(params.len());
        quote! {
            #docs
            #many
            fn #name(&self, #(#params: #types),*) #returns;
        }
    }

    /// The resources that the embedder implements, with their documentation.
    fn host_resources(self, module: &BindingsModule) -> impl Iterator<Item = (Ident, TokenStream)> {
        let resources = module.hosted_resources.iter();
        let untold = resources.filter(move |id| self.bindings.rust_type(**id).is_none());
        untold.filter_map(move |id| {
            let def = &self.resolve.types[*id];
            let name = def.name.as_deref()?;
            let docs = docs(&def.docs, &format!("What the resource `{name}` is."));
            Some((ident(&camel(name)), docs))
        })
    }

    /// The function that defines the functions of the trait in a part's linker.
    pub(super) fn provided(self, module: &BindingsModule) -> TokenStream {
        let at = CodePlace::Inside(module, "wire");
        let resources = module.hosted_resources.iter();
        let resources: Vec<TokenStream> = resources
            .filter_map(|id| {
                let wit = self.resolve.types[*id].name.as_deref()?;
                let name = ident(&camel(wit));
                let ty = self.rust_type(at, *id);
                let ty = ty.unwrap_or_else(|| quote!(H::#name));
                let defined = quote!(table.define::<T, #ty>(linker, #wit));
                Some(match module.interface {
                    Some(_) => quote!(#defined?;),
                    None => quote!(linker.item(#wit, |linker| #defined)?;),
                })
            })
            .collect();
        let uses_table = hosted(module).any(|(func, _)| self.uses_table(&func.function));
        let table = (!resources.is_empty() || uses_table).then(|| {
            quote! {
                let table = &private::HostTable::default();
                #(#resources)*
            }
        });
        let definitions = hosted(module).map(|(func, hosted)| {
            let definition = self.definition(module, func, hosted);
            match &module.interface {
                Some(_) => definition,
                None => {
                    let name = &func.function.name;
                    quote! {
                        linker.item(#name, |linker| {
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
                    #table
                    #(#definitions)*
                    Ok(())
                })
            },
            None => quote! {
                #table
                #(#definitions)*
                Ok(())
            },
        };
        let has_functions = hosted(module).next().is_some();
        let host = match has_functions {
            true => quote!(host),
            false => quote!(_),
        };
        let bound = (self.bindings.has_trait(module)).then(|| quote!(: super::Host));
        quote! {
            pub fn provided<T: Send + 'static, H #bound>(
                linker: &mut private::HostLinker<'_, T>,
                #host: &std::sync::Arc<H>,
            ) -> private::wasmtime::Result<()> {
                #body
            }
        }
    }

    fn definition(
        self,
        module: &BindingsModule,
        func: &BoundFunction,
        hosted: HostFunction,
    ) -> TokenStream {
        let function = &func.function;
        let method = ident(&host_name(self.resolve, func));
        let params = self.host_params(function);
        let args = quote!((#(#params,)*));
        let waits = waits(function, hosted);
        let has_resources = self.uses_table(function);
        let (arrive, passed) = match self.is_converted(function) {
            true => (Vec::new(), self.converted_args(function, &params)),
            false => self.arriving(function, &params),
        };
        // The path is spelled out, since the `Arc` may have a method of the same name.
        let mut call = quote!(super::Host::#method(&*program #(, #passed)*));
        if waits != CallMode::Sync {
            call = quote!(#call.await);
        }
        if hosted.trappable {
            call = quote!(#call?);
        }
        let answer = match &function.result {
            Some(ty) if has_resources && self.bindings.shape(ty).has_resources() => {
                let given = self.through_table(&ident("result"), ty, &ident("give"));
                quote! {
                    #(#arrive)*
                    let result = #call;
                    Ok((#given,))
                }
            }
            Some(_) => quote! {
                #(#arrive)*
                Ok((#call,))
            },
            None => quote! {
                #(#arrive)*
                #call;
                Ok(())
            },
        };
        let shared = match has_resources {
            true => quote!(let (program, table) = (std::sync::Arc::clone(host), table.clone());),
            false => quote!(let program = std::sync::Arc::clone(host);),
        };
        let constant = self.hosted_function(module, func, has_resources);
        let scoped = |definition| match has_resources {
            true => quote!({ #definition }),
            false => definition,
        };
        if waits == CallMode::Sync {
            return scoped(quote! {
                #shared
                #constant.define(linker, move |#args| { #answer })?;
            });
        }
        let define = match waits {
            CallMode::Concurrent => ident("define_concurrent"),
            _ => ident("define_async"),
        };
        let again = match has_resources {
            true => {
                quote!(let (program, table) = (std::sync::Arc::clone(&program), table.clone());)
            }
            false => quote!(let program = std::sync::Arc::clone(&program);),
        };
        scoped(quote! {
            #shared
            #constant.#define(linker, move |#args| {
                #again
                async move { #answer }
            })?;
        })
    }

    /// The function's descriptor, with its types as they cross the boundary.
    fn hosted_function(
        self,
        module: &BindingsModule,
        func: &BoundFunction,
        has_resources: bool,
    ) -> TokenStream {
        if self.is_converted(&func.function) {
            return self.converted_function(module, &func.function);
        }
        if !has_resources {
            let constant = ident(&func.constant);
            return quote!(#constant);
        }
        // Only the trait knows the resource types, so there is no constant.
        let at = CodePlace::Inside(module, "wire");
        let function = &func.function;
        let params = function.params.iter();
        let params = params.map(|param| self.ty(at, ResourceView::HostWire, &param.ty));
        let result = function.result.iter();
        let result = result.map(|ty| self.ty(at, ResourceView::HostWire, ty));
        let name = &function.name;
        quote! {
            private::Function::<(#(#params,)*), (#(#result,)*)>::linked(INTERFACE, #name)
        }
    }

    /// The descriptor of a converted function, with the embedder's types.
    fn converted_function(self, module: &BindingsModule, function: &Function) -> TokenStream {
        let at = CodePlace::Inside(module, "wire");
        let params = function.params.iter();
        let params = params.map(|param| match self.lent(at, &param.ty) {
            Some(own) => quote!(private::LentHostValue<#own>),
            None => self.ty(at, ResourceView::Typed, &param.ty),
        });
        let result = function.result.iter();
        let result = result.map(|ty| self.ty(at, ResourceView::Typed, ty));
        let name = &function.name;
        quote! {
            private::HostFunction::<(#(#params,)*), (#(#result,)*)>::new(#name)
        }
    }

    /// The parameters of a method; the resource it is called on is named after its type.
    fn host_params(self, function: &Function) -> Vec<Ident> {
        let resource = resource_of(function).filter(|_| is_method(function));
        let resource = resource.and_then(|id| self.resolve.types[id].name.as_deref());
        let own = function.params.iter().skip(usize::from(resource.is_some()));
        let own = own.map(|param| &*param.name);
        names::params(&VARIABLES, resource.into_iter().chain(own))
    }
}

/// The functions that the embedder implements.
fn hosted(module: &BindingsModule) -> impl Iterator<Item = (&BoundFunction, HostFunction)> {
    let functions = module.functions.iter();
    functions.filter_map(|func| Some((func, func.hosted?)))
}

fn waits(function: &Function, hosted: HostFunction) -> CallMode {
    match function.kind {
        FunctionKind::AsyncFreestanding
        | FunctionKind::AsyncMethod(_)
        | FunctionKind::AsyncStatic(_) => CallMode::Concurrent,
        _ if hosted.is_async => CallMode::Blocking,
        _ => CallMode::Sync,
    }
}
