//! The composition's methods for its exports, and the struct of handles behind them.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use crate::ast::text;
use crate::bindings::names::ident;
use crate::bindings::{AccessorMethod, BindingsModule};
use crate::check::CheckedInput;
use crate::expand::docs::{docs, spaced};
use crate::expand::spans::located;
use crate::expand::types::{CodePlace, CodeWriter};

/// The methods for exported interfaces and for lists, and the functions that the
/// composition itself exports.
pub(super) fn methods(checked: &CheckedInput, writer: CodeWriter<'_>) -> TokenStream {
    let accessors = writer.bindings.accessors.iter();
    let accessors = accessors.filter_map(|accessor| {
        let module = writer.bindings.module(accessor.owner)?;
        let handle = handle(writer, CodePlace::Root, module);
        let method = match accessor.list {
            Some(place) => list_method(checked, writer, place, &handle),
            None => interface_method(writer, accessor, module, &handle),
        };
        Some(located(method, accessor.span))
    });
    let worlds = writer.bindings.modules.iter();
    let worlds = worlds.filter(|module| module.interface.is_none());
    let functions = worlds.flat_map(|module| {
        let called = module.functions.iter().filter(|f| f.called.is_some());
        called.map(move |func| writer.function(CodePlace::Root, module, func))
    });
    quote! {
        #(#accessors)*
        #(#functions)*
    }
}

fn interface_method(
    writer: CodeWriter<'_>,
    accessor: &AccessorMethod,
    module: &BindingsModule,
    handle: &TokenStream,
) -> TokenStream {
    let name = ident(&accessor.name);
    let interface = module.interface.as_deref().unwrap_or_default();
    let docs = docs(
        writer.docs_said(module),
        &format!("The functions of `{interface}`."),
    );
    quote! {
        #docs
        pub fn #name(&self) -> #handle {
            ::core::convert::From::from(::core::clone::Clone::clone(&self.handles.function_table))
        }
    }
}

fn list_method(
    checked: &CheckedInput,
    writer: CodeWriter<'_>,
    place: usize,
    handle: &TokenStream,
) -> TokenStream {
    let (composer, name) = (writer.composer, &checked.input.components[place].name);
    let title = format!(
        "The components of the list `{}`, which may change while the composition runs.",
        text(name)
    );
    let title = spaced([title]);
    let field = field(name);
    quote! {
        #(#[doc = #title])*
        pub fn #name(&self) -> &#composer::List<#handle> {
            &self.handles.#field
        }
    }
}

/// The struct that holds the functions of all these, looked up once.
pub(super) fn definition(checked: &CheckedInput, writer: CodeWriter<'_>) -> TokenStream {
    let lists = writer.bindings.accessors.iter();
    let lists: Vec<_> = lists
        .filter_map(|accessor| {
            let name = &checked.input.components[accessor.list?].name;
            let module = writer.bindings.module(accessor.owner)?;
            let handle = handle(writer, CodePlace::Glue, module);
            Some((
                Literal::usize_unsuffixed(accessor.list?),
                field(name),
                handle,
            ))
        })
        .collect();
    let fields = lists
        .iter()
        .map(|(_, field, handle)| quote!(pub #field: private::List<#handle>,));
    let init = lists.iter().map(|(place, field, _)| {
        let declared = quote!(&DECLARED.components[#place]);
        quote!(#field: private::List::new(composition, #declared, FUNCTIONS, &function_table),)
    });
    quote! {
        /// The functions of a composition, found once.
        pub struct Handles {
            pub function_table: private::FunctionTable,
            #(#fields)*
        }

        impl Handles {
            pub fn new(composition: &private::Composition) -> Self {
                let function_table = private::FunctionTable::new(composition, FUNCTIONS);
                Self {
                    #(#init)*
                    function_table,
                }
            }
        }
    }
}

fn handle(writer: CodeWriter<'_>, at: CodePlace<'_>, module: &BindingsModule) -> TokenStream {
    let path = writer.module_path(at, module, None);
    quote!(#path Exports)
}

/// The name of a list's field.
fn field(list: &Ident) -> Ident {
    format_ident!("list_{}", list.unraw())
}
