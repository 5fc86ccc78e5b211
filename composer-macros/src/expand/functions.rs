//! The methods that call functions.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use wit_parser::{Function, Handle, Type, TypeDefKind};

use crate::bindings::names::ident;
use crate::bindings::shape::root;
use crate::bindings::{BindingsModule, BoundFunction, is_long, is_method, names};
use crate::expand::docs::{deprecated, docs_and, since};
use crate::expand::types::{CodePlace, CodeWriter, PreludeItem, ResourceView};

/// The names of the local variables in a generated method.
const VARIABLES: [&str; 5] = ["args", "outbound", "inbound", "result", "exports"];

/// A parameter of a generated method.
pub(super) struct MethodParam {
    pub(super) name: Ident,
    /// Its declaration.
    pub(super) declared: TokenStream,
    /// The expression that is sent.
    sent: TokenStream,
}

/// The user cannot change the number of parameters in the WIT, so clippy's complaint
/// about it is silenced.
pub(super) fn many(params: usize) -> Option<TokenStream> {
    // The receiver is one more; clippy accepts seven.
    (params > 6).then(|| quote!(#[allow(clippy::too_many_arguments)]))
}

impl CodeWriter<'_> {
    /// A method that calls a function of `module`.
    pub(super) fn function(
        self,
        at: CodePlace<'_>,
        module: &BindingsModule,
        func: &BoundFunction,
    ) -> TokenStream {
        let BoundFunction {
            function, constant, ..
        } = func;
        let name = ident(&func.name);
        let params = self.params(at, function);
        let declared = params.iter().map(|param| &param.declared);
        let is_lent = function
            .params
            .iter()
            .any(|param| self.is_lent_within(&param.ty));
        let lifetime = is_lent.then(|| quote!(<'a>));
        let result = match &function.result {
            Some(ty) => self.ty(at, ResourceView::Typed, ty),
            None => quote!(()),
        };
        let (private, std_result) = (self.private(at), self.std(at, PreludeItem::Result));
        let wire = self.module_path(at, module, Some("wire"));
        let constant = ident(constant);
        let body = self.body_of_call(at, function, &quote!(&#wire #constant), &params);
        let otherwise = format!("Calls `{}`.", function.name);
        let more = ["", "# Errors", "", "`CallError`, if the call itself fails."];
        let more = since(&function.stability)
            .into_iter()
            .chain(more.map(str::to_owned));
        let docs = docs_and(&function.docs, &otherwise, more);
        let deprecated = deprecated(&function.stability);
        let many = many(params.len());
        quote! {
            #docs
            #deprecated
            #many
            pub async fn #name #lifetime(
                &self,
                #(#declared),*
            ) -> #std_result<#result, #private::CallError> {
                #body
            }
        }
    }

    fn body_of_call(
        self,
        at: CodePlace<'_>,
        function: &Function,
        constant: &TokenStream,
        params: &[MethodParam],
    ) -> TokenStream {
        let private = self.private(at);
        let function_table = match at {
            CodePlace::Root => quote!(self.handles.function_table),
            _ => quote!(self.function_table),
        };
        let (ok, vec) = (
            self.std(at, PreludeItem::Ok),
            self.std(at, PreludeItem::Vec),
        );
        let sent = params.iter().map(|param| &param.sent);
        let mut args = match is_method(function) {
            true => vec![quote!(#private::IntoWire::into_wire(self, &mut outbound))],
            false => Vec::new(),
        };
        args.extend(sent.cloned());
        let is_long = is_long(function);
        let args = match is_long {
            true => quote!(#vec::from([#(#private::Wire::into_val(#args)),*])),
            false => quote!((#(#args,)*)),
        };
        let shape = self.bindings.shape_of(function);
        let result = function
            .result
            .map(|ty| self.bindings.shape(&ty).is_plain());
        if shape.is_plain() && !is_long {
            return match result {
                None => quote!(#function_table.call(#constant, #args).await),
                Some(_) => quote! {
                    let (result,) = #function_table.call(#constant, #args).await?;
                    #ok(result)
                },
            };
        }
        let carry = match is_long {
            true => quote!(call_untyped),
            false => quote!(call_with_resources),
        };
        let mut args_have_resources = function.params.iter();
        let call = match args_have_resources.any(|p| !self.bindings.shape(&p.ty).is_plain()) {
            true => quote! {
                let mut outbound = #private::OutboundResources::new();
                let args = #args;
            },
            false => quote! {
                let outbound = #private::OutboundResources::new();
                let args = #args;
            },
        };
        let carried = quote!(#function_table.#carry(#constant, args, outbound).await?);
        match result {
            None => quote! {
                #call
                #carried;
                #ok(())
            },
            Some(true) => quote! {
                #call
                let ((result,), _) = #carried;
                #ok(result)
            },
            Some(false) => quote! {
                #call
                let ((result,), mut inbound) = #carried;
                #private::FromWire::from_wire(result, &mut inbound)
            },
        }
    }

    /// The parameters, without the resource that a method is called on.
    pub(super) fn params(self, at: CodePlace<'_>, function: &Function) -> Vec<MethodParam> {
        let params = &function.params[usize::from(is_method(function))..];
        let names = names::params(&VARIABLES, params.iter().map(|param| &*param.name));
        let params = names.iter().zip(params);
        params
            .map(|(name, param)| self.param(at, name, &param.ty))
            .collect()
    }

    fn is_string(self, ty: &Type) -> bool {
        match ty {
            Type::String => true,
            Type::Id(id) => match &self.resolve.types[*id].kind {
                TypeDefKind::Type(ty) => self.is_string(ty),
                _ => false,
            },
            _ => false,
        }
    }

    fn param(self, at: CodePlace<'_>, name: &Ident, ty: &Type) -> MethodParam {
        let written = self.ty(at, ResourceView::Typed, ty);
        let kind = match ty {
            Type::Id(id) => Some(&self.resolve.types[root(self.resolve, *id)].kind),
            _ => None,
        };
        let is_converted = matches!(
            (ty, kind),
            (Type::String, _)
                | (
                    _,
                    Some(TypeDefKind::List(_) | TypeDefKind::Type(Type::String))
                )
        );
        let is_strings = match kind {
            Some(TypeDefKind::List(element)) => self.is_string(element),
            _ => false,
        };
        let (private, into) = (self.private(at), self.std(at, PreludeItem::Into));
        let (declared, value) = match kind {
            _ if is_strings => (
                quote!(#name: impl ::core::iter::IntoIterator<Item: #private::IntoString>),
                quote!(#private::strings(#name)),
            ),
            _ if is_converted => {
                let value = match at {
                    // `Into` may not be in scope here.
                    CodePlace::Root => quote!(#into::into(#name)),
                    _ => quote!(#name.into()),
                };
                (quote!(#name: impl #into<#written>), value)
            }
            Some(TypeDefKind::Handle(Handle::Borrow(id))) => {
                let resource = self.resource(at, ResourceView::Typed, *id);
                (quote!(#name: &#resource), quote!(#name))
            }
            _ => (quote!(#name: #written), quote!(#name)),
        };
        let sent = match self.bindings.shape(ty).is_plain() {
            true => value,
            false => quote!(#private::IntoWire::into_wire(#value, &mut outbound)),
        };
        MethodParam {
            name: name.clone(),
            declared,
            sent,
        }
    }
}
