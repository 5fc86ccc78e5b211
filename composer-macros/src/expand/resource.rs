//! Resources: a struct for each, with its methods.

use proc_macro2::TokenStream;
use quote::quote;
use wit_parser::TypeId;

use crate::bindings::names::{camel, ident};
use crate::bindings::{BindingsModule, is_method, resource_of};
use crate::expand::docs::{deprecated, docs_and, since};
use crate::expand::types::{CodePlace, CodeWriter};

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
        let methods = methods.map(|func| self.function(CodePlace::In(module), module, func));
        quote! {
            #docs
            #deprecated
            #[derive(Debug)]
            pub struct #name {
                function_table: private::FunctionTable,
                handle: private::ResourceHandle,
            }

            impl #name {
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
}
