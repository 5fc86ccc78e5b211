//! The conversions of types with resources or streams to and from the form in which they
//! cross.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use wit_parser::{Record, Variant};

use crate::bindings::names::{ident, snake};
use crate::expand::named::variant_ident;

/// The conversions of a record; `wire` is the path of the module that has its
/// counterpart.
pub(super) fn record(
    name: &Ident,
    wire: &TokenStream,
    record: &Record,
    is_lent: bool,
) -> TokenStream {
    let fields: Vec<Ident> = record
        .fields
        .iter()
        .map(|f| ident(&snake(&f.name)))
        .collect();
    let into_wire = quote! {
        #wire #name {
            #(#fields: private::IntoWire::into_wire(self.#fields, to),)*
        }
    };
    let from_wire = quote! {
        Ok(Self {
            #(#fields: private::FromWire::from_wire(wire.#fields, from)?,)*
        })
    };
    impls(name, wire, &into_wire, &from_wire, is_lent)
}

/// The conversions of a variant.
pub(super) fn variant(
    name: &Ident,
    wire: &TokenStream,
    variant: &Variant,
    is_lent: bool,
) -> TokenStream {
    let into_wire = variant.cases.iter().map(|case| {
        let of = variant_ident(&case.name);
        match case.ty {
            None => quote!(Self::#of => #wire #name::#of),
            Some(_) => quote! {
                Self::#of(value) => #wire #name::#of(private::IntoWire::into_wire(value, to))
            },
        }
    });
    let from_wire = variant.cases.iter().map(|case| {
        let of = variant_ident(&case.name);
        match case.ty {
            None => quote!(#wire #name::#of => Self::#of),
            Some(_) => quote! {
                #wire #name::#of(value) => Self::#of(private::FromWire::from_wire(value, from)?)
            },
        }
    });
    let into_wire = quote! {
        match self {
            #(#into_wire,)*
        }
    };
    let from_wire = quote! {
        Ok(match wire {
            #(#from_wire,)*
        })
    };
    impls(name, wire, &into_wire, &from_wire, is_lent)
}

fn impls(
    name: &Ident,
    wire: &TokenStream,
    into_wire: &TokenStream,
    from_wire: &TokenStream,
    is_lent: bool,
) -> TokenStream {
    let lifetime = is_lent.then(|| quote!(<'_>));
    // A type with borrowed resources never comes back as a result.
    let from_wire = (!is_lent).then(|| {
        quote! {
            impl private::FromWire for #name {
                type Wire = #wire #name;

                fn from_wire(
                    wire: Self::Wire,
                    from: &mut private::InboundResources,
                ) -> Result<Self, private::CallError> {
                    #from_wire
                }
            }
        }
    });
    quote! {
        impl private::IntoWire for #name #lifetime {
            type Wire = #wire #name;

            fn into_wire(self, to: &mut private::OutboundResources) -> Self::Wire {
                #into_wire
            }
        }

        #from_wire
    }
}
