//! How types with resources become what crosses, and the other way.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use wit_parser::{Record, Variant};

use super::named::variant_ident;
use crate::surface::names::{ident, snake};

/// For a record; `wire` is the way to where its twin is.
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
    let depart = quote! {
        #wire #name {
            #(#fields: private::Depart::depart(self.#fields, to),)*
        }
    };
    let arrive = quote! {
        Ok(Self {
            #(#fields: private::Arrive::arrive(wire.#fields, from)?,)*
        })
    };
    impls(name, wire, &depart, &arrive, is_lent)
}

/// For a variant.
pub(super) fn variant(
    name: &Ident,
    wire: &TokenStream,
    variant: &Variant,
    is_lent: bool,
) -> TokenStream {
    let depart = variant.cases.iter().map(|case| {
        let of = variant_ident(&case.name);
        match case.ty {
            None => quote!(Self::#of => #wire #name::#of),
            Some(_) => quote! {
                Self::#of(value) => #wire #name::#of(private::Depart::depart(value, to))
            },
        }
    });
    let arrive = variant.cases.iter().map(|case| {
        let of = variant_ident(&case.name);
        match case.ty {
            None => quote!(#wire #name::#of => Self::#of),
            Some(_) => quote! {
                #wire #name::#of(value) => Self::#of(private::Arrive::arrive(value, from)?)
            },
        }
    });
    let depart = quote! {
        match self {
            #(#depart,)*
        }
    };
    let arrive = quote! {
        Ok(match wire {
            #(#arrive,)*
        })
    };
    impls(name, wire, &depart, &arrive, is_lent)
}

fn impls(
    name: &Ident,
    wire: &TokenStream,
    depart: &TokenStream,
    arrive: &TokenStream,
    is_lent: bool,
) -> TokenStream {
    let lifetime = is_lent.then(|| quote!(<'_>));
    // What is lent is not given back.
    let arrive = (!is_lent).then(|| {
        quote! {
            impl private::Arrive for #name {
                type Wire = #wire #name;

                fn arrive(
                    wire: Self::Wire,
                    from: &mut private::Inbound,
                ) -> Result<Self, private::CallError> {
                    #arrive
                }
            }
        }
    });
    quote! {
        impl private::Depart for #name #lifetime {
            type Wire = #wire #name;

            fn depart(self, to: &mut private::Outbound) -> Self::Wire {
                #depart
            }
        }

        #arrive
    }
}
