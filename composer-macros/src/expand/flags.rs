//! Flags types, which wasmtime's macro generates.

use proc_macro2::TokenStream;
use quote::quote;
use wit_parser::{Flags, TypeDef};

use crate::bindings::names::{camel, constant, ident, snake};
use crate::expand::docs::docs_and;

/// A flags type. wasmtime's macro takes no docs, so the type is generated in a module of
/// its own and re-exported with them.
pub(super) fn flags(def: &TypeDef, wit: &str, flags: &Flags) -> TokenStream {
    let name = ident(&camel(wit));
    // No WIT name ends in an underscore, so no interface beside it has this name.
    let inner = ident(&format!("flags_{}_", snake(wit)));
    let wit_names: Vec<&String> = flags.flags.iter().map(|flag| &flag.name).collect();
    let consts: Vec<_> = wit_names.iter().map(|wit| ident(&constant(wit))).collect();
    let each = flags.flags.iter().zip(&consts).map(|(flag, name)| {
        let said = flag.docs.contents.as_deref().unwrap_or_default();
        let said: Vec<&str> = said.split_whitespace().collect();
        match said.is_empty() {
            true => format!("- `{name}`"),
            false => format!("- `{name}`: {}", said.join(" ")),
        }
    });
    let docs = docs_and(
        &def.docs,
        &format!("The flags `{wit}`."),
        [String::new()].into_iter().chain(each),
    );
    quote! {
        #docs
        pub use self::#inner::#name;

        #[allow(missing_docs)]
        mod #inner {
            use super::private::{self, prelude::*};

            private::wasmtime::component::flags! {
                #name {
                    #(
                        #[component(name = #wit_names)]
                        const #consts;
                    )*
                }
            }

            const ALL: &[(&str, #name)] = &[#((#wit_names, #name::#consts)),*];

            impl private::Wire for #name {
                fn into_val(self) -> private::Val {
                    private::flags_val(ALL, |flag| self.contains(flag))
                }

                fn from_val(val: private::Val) -> Option<Self> {
                    let set = private::flags_set(val, ALL)?;
                    Some(set.into_iter().fold(Self::empty(), |all, flag| all | flag))
                }
            }

            impl private::IntoWire for #name {
                type Wire = Self;

                fn into_wire(self, _: &mut private::OutboundResources) -> Self {
                    self
                }
            }

            impl private::FromWire for #name {
                type Wire = Self;

                fn from_wire(
                    wire: Self,
                    _: &mut private::InboundResources,
                ) -> Result<Self, private::CallError> {
                    Ok(wire)
                }
            }
        }
    }
}
