//! `#[derive(Wire)]`: the conversions that carry a type of `compose!` between stores.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr, Path, Type, parse_quote};

/// The implementations for one type. Names and kinds come from the attributes that
/// wasmtime's own derives read; `#[wire(…)]` may give another path of `composer::private`.
pub(crate) fn derive(input: &DeriveInput) -> syn::Result<TokenStream> {
    let mut private: Option<Path> = None;
    let mut travels = true;
    for attribute in input.attrs.iter().filter(|a| a.path().is_ident("wire")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("inner") {
                travels = false;
            } else {
                private = Some(meta.path);
            }
            Ok(())
        })?;
    }
    let private = private.unwrap_or_else(|| parse_quote!(::composer::private));
    let body = match &input.data {
        Data::Struct(data) => record(&data.fields, &private)?,
        Data::Enum(data) => {
            let payload = data.variants.iter().any(|v| !v.fields.is_empty());
            let is_enum = !payload && is_component_enum(&input.attrs);
            cases(data, is_enum, &private)?
        }
        Data::Union(_) => {
            let message = "WIT has no unions";
            return Err(syn::Error::new(input.ident.span(), message));
        }
    };
    let name = &input.ident;
    let conversions = travels.then(|| {
        quote! {
            impl #private::IntoWire for #name {
                type Wire = Self;

                fn into_wire(self, _: &mut #private::OutboundResources) -> Self {
                    self
                }
            }

            impl #private::FromWire for #name {
                type Wire = Self;

                fn from_wire(
                    wire: Self,
                    _: &mut #private::InboundResources,
                ) -> ::core::result::Result<Self, #private::CallError> {
                    ::core::result::Result::Ok(wire)
                }
            }
        }
    });
    Ok(quote! {
        impl #private::Wire for #name {
            #body
        }
        #conversions
    })
}

fn is_component_enum(attributes: &[Attribute]) -> bool {
    let mut found = false;
    for attribute in attributes.iter().filter(|a| a.path().is_ident("component")) {
        // wasmtime's derive reports a mistake in it.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("enum");
            Ok(())
        });
        found |= attribute
            .meta
            .require_list()
            .is_ok_and(|list| list.tokens.to_string() == "enum");
    }
    found
}

/// The WIT name, from `#[component(name = "…")]`.
fn wit_name(attributes: &[Attribute], ident: &Ident) -> syn::Result<String> {
    let mut name = None;
    for attribute in attributes.iter().filter(|a| a.path().is_ident("component")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("name") {
                name = Some(meta.value()?.parse::<LitStr>()?.value());
            }
            Ok(())
        })?;
    }
    Ok(name.unwrap_or_else(|| ident.to_string()))
}

fn handles(types: &[&Type], private: &Path) -> TokenStream {
    quote!(0 #(+ <#types as #private::Wire>::HANDLES)*)
}

fn record(fields: &Fields, private: &Path) -> syn::Result<TokenStream> {
    let idents: Vec<&Ident> = fields.iter().filter_map(|f| f.ident.as_ref()).collect();
    let types: Vec<&Type> = fields.iter().map(|f| &f.ty).collect();
    let names = fields
        .iter()
        .zip(&idents)
        .map(|(field, ident)| wit_name(&field.attrs, ident))
        .collect::<syn::Result<Vec<_>>>()?;
    let count = handles(&types, private);
    let visits = idents.iter().enumerate().map(|(i, ident)| {
        let before = handles(&types[..i], private);
        quote!(#private::Wire::visit(&mut self.#ident, first + #before, visit)?;)
    });
    Ok(quote! {
        const HANDLES: usize = #count;

        fn visit(
            &mut self,
            first: usize,
            visit: &mut #private::Visit<'_>,
        ) -> ::core::ops::ControlFlow<()> {
            #(#visits)*
            ::core::ops::ControlFlow::Continue(())
        }

        fn into_val(self) -> #private::Val {
            #private::Val::Record(::std::vec![
                #((::std::string::String::from(#names), #private::Wire::into_val(self.#idents)),)*
            ])
        }

        fn from_val(val: #private::Val) -> ::core::option::Option<Self> {
            let mut fields = #private::fields(val, &[#(#names),*])?;
            ::core::option::Option::Some(Self {
                #(#idents: #private::Wire::from_val(fields.next()?)?,)*
            })
        }
    })
}

fn cases(data: &syn::DataEnum, is_enum: bool, private: &Path) -> syn::Result<TokenStream> {
    let mut types: Vec<&Type> = Vec::new();
    let mut visits = Vec::new();
    let mut into = Vec::new();
    let mut from = Vec::new();
    for variant in &data.variants {
        let ident = &variant.ident;
        let name = Literal::string(&wit_name(&variant.attrs, ident)?);
        let Some(field) = variant.fields.iter().next() else {
            visits.push(quote!(Self::#ident => ::core::ops::ControlFlow::Continue(())));
            into.push(quote!(Self::#ident => (#name, ::core::option::Option::None)));
            from.push(quote!((#name, ::core::option::Option::None) => Self::#ident));
            continue;
        };
        let before = handles(&types, private);
        types.push(&field.ty);
        let value = format_ident!("value");
        visits.push(quote! {
            Self::#ident(#value) => #private::Wire::visit(#value, first + #before, visit)
        });
        into.push(quote! {
            Self::#ident(#value) => (
                #name,
                ::core::option::Option::Some(#private::Wire::into_val(#value)),
            )
        });
        from.push(quote! {
            (#name, ::core::option::Option::Some(#value)) => {
                Self::#ident(#private::Wire::from_val(#value)?)
            }
        });
    }
    let count = handles(&types, private);
    let (to_val, of_val) = match is_enum {
        true => (quote!(enum_val), quote!(enum_case)),
        false => (quote!(variant_val), quote!(variant_case)),
    };
    Ok(quote! {
        const HANDLES: usize = #count;

        #[allow(unused_variables)]
        fn visit(
            &mut self,
            first: usize,
            visit: &mut #private::Visit<'_>,
        ) -> ::core::ops::ControlFlow<()> {
            match self {
                #(#visits,)*
            }
        }

        fn into_val(self) -> #private::Val {
            let (case, value) = match self {
                #(#into,)*
            };
            #private::#to_val(case, value)
        }

        #[allow(unused_variables)]
        fn from_val(val: #private::Val) -> ::core::option::Option<Self> {
            let (case, value) = #private::#of_val(val)?;
            ::core::option::Option::Some(match (&*case, value) {
                #(#from,)*
                _ => return ::core::option::Option::None,
            })
        }
    })
}
