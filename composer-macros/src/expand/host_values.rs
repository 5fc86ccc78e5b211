//! The values that the embedder's functions take and return: how they leave the store and
//! enter it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use wit_parser::{Function, Handle, Type, TypeDefKind};

use crate::bindings::names::ident;
use crate::bindings::shape::root;
use crate::expand::types::{CodePlace, CodeWriter};

impl CodeWriter<'_> {
    /// Whether the values of a function are other ones for the embedder than for the
    /// store, by a conversion that the types themselves have.
    pub(super) fn is_converted(self, function: &Function) -> bool {
        let shape = self.bindings.shape_of(function);
        shape.has_streams || shape.in_compound
    }

    /// Whether the resources of a function are looked up in a table, one by one.
    pub(super) fn uses_table(self, function: &Function) -> bool {
        self.bindings.shape_of(function).has_resources() && !self.is_converted(function)
    }

    /// The arguments of a converted function, as they are passed to the method.
    pub(super) fn converted_args(self, function: &Function, params: &[Ident]) -> Vec<TokenStream> {
        let params = function.params.iter().zip(params);
        let args = params.map(
            |(param, name)| match self.bindings.shape(&param.ty).is_lent {
                true => quote!(&#name.0),
                false => quote!(#name),
            },
        );
        args.collect()
    }

    /// Whether a type is a resource that is lent by itself.
    fn is_lent(self, ty: &Type) -> bool {
        let Type::Id(id) = ty else { return false };
        let kind = &self.resolve.types[root(self.resolve, *id)].kind;
        matches!(kind, TypeDefKind::Handle(Handle::Borrow(_)))
    }

    /// Whether a type contains resources that are lent.
    pub(super) fn is_lent_within(self, ty: &Type) -> bool {
        self.bindings.shape(ty).is_lent && !self.is_lent(ty)
    }

    /// The Rust type of a resource that is lent by itself.
    pub(super) fn lent(self, at: CodePlace<'_>, ty: &Type) -> Option<TokenStream> {
        let Type::Id(id) = ty else { return None };
        match self.resolve.types[root(self.resolve, *id)].kind {
            TypeDefKind::Handle(Handle::Borrow(id)) => self.rust_type(at, id),
            _ => None,
        }
    }

    /// The statements that convert the arguments for the method, and the expressions that
    /// pass them.
    pub(super) fn arriving(
        self,
        function: &Function,
        params: &[Ident],
    ) -> (Vec<TokenStream>, Vec<TokenStream>) {
        let mut arrive = Vec::new();
        let mut passed = Vec::new();
        for (param, name) in function.params.iter().zip(params) {
            if !self.bindings.shape(&param.ty).has_resources() {
                passed.push(quote!(#name));
            } else if self.is_lent(&param.ty) {
                arrive.push(quote!(let #name = table.lent(&#name)?;));
                passed.push(quote!(&#name));
            } else {
                let taken = self.through_table(name, &param.ty, &ident("taken"));
                arrive.push(quote!(let #name = #taken;));
                passed.push(quote!(#name));
            }
        }
        (arrive, passed)
    }

    /// A resource that is passed through a method of the table, as a result; `None` for
    /// another type.
    fn handle_through_table(self, value: &Ident, ty: &Type, method: &Ident) -> Option<TokenStream> {
        let Type::Id(id) = ty else { return None };
        match self.resolve.types[root(self.resolve, *id)].kind {
            TypeDefKind::Handle(Handle::Borrow(_)) => Some(quote!(table.lent(&#value))),
            TypeDefKind::Handle(Handle::Own(id)) => {
                let is_told = self.bindings.rust_type(root(self.resolve, id)).is_some();
                let method = match is_told {
                    true => format_ident!("{method}_shared"),
                    false => method.clone(),
                };
                Some(quote!(table.#method(#value)))
            }
            _ => None,
        }
    }

    /// A value in which each resource is passed through a method of the table.
    pub(super) fn through_table(self, value: &Ident, ty: &Type, method: &Ident) -> TokenStream {
        let inner = ident("value");
        let Type::Id(id) = ty else {
            return quote!(#value);
        };
        if !self.bindings.shape(ty).has_resources() {
            return quote!(#value);
        }
        let each = |ty: &Type| self.through_table(&inner, ty, method);
        match &self.resolve.types[root(self.resolve, *id)].kind {
            TypeDefKind::List(of) => {
                let passed = match self.handle_through_table(&inner, of, method) {
                    Some(passed) => quote!(|#inner| #passed),
                    None => {
                        let of = each(of);
                        quote!(|#inner| -> private::wasmtime::Result<_> { Ok(#of) })
                    }
                };
                quote! {
                    #value
                        .into_iter()
                        .map(#passed)
                        .collect::<private::wasmtime::Result<Vec<_>>>()?
                }
            }
            TypeDefKind::Option(of) => {
                let of = each(of);
                quote! {
                    match #value {
                        Some(#inner) => Some(#of),
                        None => None,
                    }
                }
            }
            TypeDefKind::Result(result) => {
                let side = |ty: &Option<Type>| ty.as_ref().map_or(quote!(#inner), each);
                let (ok, err) = (side(&result.ok), side(&result.err));
                quote! {
                    match #value {
                        Ok(#inner) => Ok(#ok),
                        Err(#inner) => Err(#err),
                    }
                }
            }
            TypeDefKind::Tuple(tuple) => {
                let names: Vec<Ident> = (0..tuple.types.len())
                    .map(|i| ident(&format!("value{i}")))
                    .collect();
                let types = tuple.types.iter().zip(&names);
                let values = types.map(|(ty, name)| self.through_table(name, ty, method));
                quote!({
                    let (#(#names,)*) = #value;
                    (#(#values,)*)
                })
            }
            _ => match self.handle_through_table(value, ty, method) {
                Some(passed) => quote!(#passed?),
                None => quote!(#value),
            },
        }
    }
}
