//! Resources: a struct for each, with its methods.

use proc_macro2::TokenStream;
use quote::quote;
use wit_parser::{FunctionKind, TypeId};

use crate::bindings::names::{camel, ident};
use crate::bindings::{BindingsModule, BoundFunction, is_method, resource_of};
use crate::expand::docs::{deprecated, docs_and, since};
use crate::expand::functions::many;
use crate::expand::types::{CodePlace, CodeWriter, ResourceView};

impl CodeWriter<'_> {
    /// The type of a resource that the module's interface defines.
    pub(super) fn resource_type(self, module: &BindingsModule, id: TypeId) -> TokenStream {
        let def = &self.resolve.types[id];
        let Some(wit) = &def.name else {
            return TokenStream::new();
        };
        let name = ident(&camel(wit));
        let more = [
            "",
            "Dropping it runs its destructor, as soon as its component is free.",
        ];
        let more = since(&def.stability)
            .into_iter()
            .chain(more.map(str::to_owned));
        let docs = docs_and(&def.docs, &format!("The resource `{wit}`."), more);
        let deprecated = deprecated(&def.stability);
        let methods = module
            .functions
            .iter()
            .filter(|func| is_method(&func.function) && resource_of(&func.function) == Some(id));
        let has_new = methods.clone().any(|func| func.name == "new");
        let methods = methods.map(|func| self.function(CodePlace::In(module), module, func));
        let mut functions = module.functions.iter();
        let constructor = functions
            .find(|func| matches!(func.function.kind, FunctionKind::Constructor(of) if of == id));
        let constructor = constructor.filter(|_| !has_new && module.has_handle());
        let new = constructor.map(|constructor| self.new_method(module, constructor));
        quote! {
            #docs
            #deprecated
            #[derive(Debug)]
            pub struct #name {
                function_table: private::FunctionTable,
                handle: private::ResourceHandle,
            }

            impl #name {
                #new
                #(#methods)*

                /// The resource without its type.
                pub fn into_handle(self) -> private::ResourceHandle {
                    self.handle
                }
            }

            impl private::IntoWire for #name {
                type Wire = private::ResourceAny;

                fn into_wire(self, to: &mut private::OutboundResources) -> Self::Wire {
                    to.own(self.handle)
                }
            }

            impl private::IntoWire for &#name {
                type Wire = private::ResourceAny;

                fn into_wire(self, to: &mut private::OutboundResources) -> Self::Wire {
                    to.borrow(&self.handle)
                }
            }

            impl private::FromWire for #name {
                type Wire = private::ResourceAny;

                fn from_wire(
                    _: Self::Wire,
                    from: &mut private::InboundResources,
                ) -> Result<Self, private::CallError> {
                    Ok(Self {
                        handle: from.own()?,
                        function_table: from.functions(),
                    })
                }
            }
        }
    }

    /// The constructor as a function of the resource's own, where Rust has it.
    fn new_method(self, module: &BindingsModule, constructor: &BoundFunction) -> TokenStream {
        let at = CodePlace::In(module);
        let BoundFunction { function, name, .. } = constructor;
        let params = self.params(at, function);
        let declared = params.iter().map(|param| &param.declared);
        let names = params.iter().map(|param| &param.name);
        let many = many(params.len() + 1);
        let title = format!(
            " Makes one, by the constructor of the component behind `exports`, as \
             [`Exports::{name}`] does."
        );
        let name = ident(name);
        // It may be a `result`.
        let made = match &function.result {
            Some(ty) => self.ty(at, ResourceView::Typed, ty),
            None => quote!(Self),
        };
        quote! {
            #[doc = #title]
            ///
            /// # Errors
            ///
            /// `CallError`, if the call itself fails.
            #many
            pub async fn new(
                exports: &Exports,
                #(#declared),*
            ) -> Result<#made, private::CallError> {
                exports.#name(#(#names),*).await
            }
        }
    }
}
