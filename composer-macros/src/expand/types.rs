//! The Rust spelling of WIT types, as seen from a given place in the code.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use wit_parser::{Handle, Resolve, Type, TypeDefKind, TypeId};

use crate::bindings::names::{camel, ident};
use crate::bindings::shape::root;
use crate::bindings::{Bindings, BindingsModule};

/// The context from which types and functions are written.
#[derive(Clone, Copy)]
pub(super) struct CodeWriter<'c> {
    pub(super) resolve: &'c Resolve,
    pub(super) bindings: &'c Bindings,
    /// The module that contains all others.
    pub(super) root: &'c Ident,
    /// The path of the `composer` crate, as seen from the composition.
    pub(super) composer: &'c TokenStream,
    /// The traits that types of plain values derive, too.
    pub(super) derives: &'c [syn::Path],
}

/// The types that represent resources, and with them streams and futures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ResourceView {
    /// Their own types, where they have one.
    Typed,
    /// The embedder's handles.
    Untyped,
    /// The type that wasmtime passes.
    Wire,
    /// The associated types of the embedder's trait.
    Host,
    /// Those types inside of another type, where a resource that is lent is shared.
    HostWithin,
    /// Those types in the form that wasmtime passes.
    HostWire,
}

/// A place in the generated code.
#[derive(Clone, Copy)]
pub(super) enum CodePlace<'p> {
    /// Beside the composition type, where nothing is certain to be in scope.
    Root,
    /// In the `glue` module.
    Glue,
    /// In the module of an interface or a world.
    In(&'p BindingsModule),
    /// In a module inside that one: `wire` or `untyped`.
    Inside(&'p BindingsModule, &'static str),
}

/// Names of the prelude.
#[derive(Clone, Copy)]
pub(super) enum PreludeItem {
    Into,
    Ok,
    Option,
    Result,
    String,
    Vec,
}

/// The name under which the generated code knows a type of the embedder's.
pub(super) fn rust_type_name(resource: &str, index: usize) -> Ident {
    format_ident!("{}{index}", camel(resource))
}

impl CodeWriter<'_> {
    /// A type; its borrows have the lifetime `'a`.
    pub(super) fn ty(self, at: CodePlace<'_>, view: ResourceView, ty: &Type) -> TokenStream {
        match ty {
            Type::Bool => quote!(bool),
            Type::U8 => quote!(u8),
            Type::U16 => quote!(u16),
            Type::U32 => quote!(u32),
            Type::U64 => quote!(u64),
            Type::S8 => quote!(i8),
            Type::S16 => quote!(i16),
            Type::S32 => quote!(i32),
            Type::S64 => quote!(i64),
            Type::F32 => quote!(f32),
            Type::F64 => quote!(f64),
            Type::Char => quote!(char),
            Type::String => self.std(at, PreludeItem::String),
            Type::Id(id) => self.id(at, view, *id),
            // Functions and types that contain it are left out.
            Type::ErrorContext => quote!(()),
        }
    }

    pub(super) fn id(self, at: CodePlace<'_>, view: ResourceView, id: TypeId) -> TokenStream {
        let def = &self.resolve.types[id];
        let Some(name) = &def.name else {
            return self.kind(at, view, &def.kind);
        };
        let shape = self.bindings.shape(&Type::Id(id));
        let is_seen = match view {
            ResourceView::Typed => true,
            // Streams and futures are the same in both.
            ResourceView::Untyped => !shape.has_resources(),
            // A trait refers to types that are the same for every implementation.
            ResourceView::Host if shape.has_resources() => self.bindings.has_rust_types(&shape),
            _ => shape.is_plain(),
        };
        if is_seen {
            let lifetime = shape.is_lent.then(|| quote!(<'a>));
            let name = self.path(at, id, None, &camel(name));
            return quote!(#name #lifetime);
        }
        self.unfolded(at, view, id)
    }

    /// A type with resources or streams, without the alias names that exist only where
    /// the embedder sees them.
    fn unfolded(self, at: CodePlace<'_>, view: ResourceView, id: TypeId) -> TokenStream {
        let definition = root(self.resolve, id);
        let def = &self.resolve.types[definition];
        let (inside, lifetime) = match view {
            ResourceView::Untyped => {
                let shape = self.bindings.shape(&Type::Id(id));
                ("untyped", shape.is_lent.then(|| quote!(<'a>)))
            }
            _ => ("wire", None),
        };
        match (&def.kind, &def.name) {
            (TypeDefKind::Resource, _) => self.resource(at, view, id),
            (TypeDefKind::Record(_) | TypeDefKind::Variant(_), Some(name)) => {
                let name = self.path(at, definition, Some(inside), &camel(name));
                quote!(#name #lifetime)
            }
            (kind, _) => self.kind(at, view, kind),
        }
    }

    /// A type without a name.
    pub(super) fn kind(
        self,
        at: CodePlace<'_>,
        view: ResourceView,
        kind: &TypeDefKind,
    ) -> TokenStream {
        let ty = |ty: &Type| self.ty(at, view, ty);
        let side = |side: &Option<Type>| side.as_ref().map_or(quote!(()), ty);
        match kind {
            TypeDefKind::Type(of) => ty(of),
            TypeDefKind::List(of) => {
                let (vec, of) = (self.std(at, PreludeItem::Vec), ty(of));
                quote!(#vec<#of>)
            }
            TypeDefKind::FixedLengthList(of, length) => {
                let (of, length) = (ty(of), Literal::u32_unsuffixed(*length));
                quote!([#of; #length])
            }
            TypeDefKind::Option(of) => {
                let (option, of) = (self.std(at, PreludeItem::Option), ty(of));
                quote!(#option<#of>)
            }
            TypeDefKind::Result(result) => {
                let (ok, err) = (side(&result.ok), side(&result.err));
                let result = self.std(at, PreludeItem::Result);
                quote!(#result<#ok, #err>)
            }
            TypeDefKind::Tuple(tuple) => {
                let types = tuple.types.iter().map(ty);
                quote!((#(#types,)*))
            }
            TypeDefKind::Handle(Handle::Own(id)) => self.resource(at, view, *id),
            TypeDefKind::Handle(Handle::Borrow(id)) => {
                let resource = self.resource(at, view, *id);
                let own = self.rust_type(at, *id);
                match view {
                    ResourceView::Host if own.is_some() => quote!(&#own),
                    ResourceView::Wire | ResourceView::HostWire => resource,
                    ResourceView::HostWithin if own.is_some() => resource,
                    ResourceView::HostWithin => quote!(::std::sync::Arc<#resource>),
                    ResourceView::Host => quote!(&#resource),
                    _ => quote!(&'a #resource),
                }
            }
            TypeDefKind::Stream(item) => self.readable(at, view, "Stream", side(item)),
            TypeDefKind::Future(item) => self.readable(at, view, "Future", side(item)),
            // Any other type has a name or is left out.
            _ => quote!(()),
        }
    }

    /// The readable end of a stream or a future.
    fn readable(
        self,
        at: CodePlace<'_>,
        view: ResourceView,
        sort: &str,
        item: TokenStream,
    ) -> TokenStream {
        let private = self.private(at);
        match view {
            // In a store, a handle has the same type whatever its items are.
            ResourceView::Wire | ResourceView::HostWire => {
                let name = format_ident!("{sort}Any");
                quote!(#private::#name)
            }
            _ => {
                let name = format_ident!("{sort}Reader");
                quote!(#private::#name<#item>)
            }
        }
    }

    /// A resource, under the name that `id` gives it.
    pub(super) fn resource(self, at: CodePlace<'_>, view: ResourceView, id: TypeId) -> TokenStream {
        let private = self.private(at);
        if let Some(own) = self.rust_type(at, id) {
            return match view {
                ResourceView::Wire => quote!(#private::ResourceAny),
                ResourceView::HostWire => quote!(#private::HostResource<#own>),
                _ => quote!(::std::sync::Arc<#own>),
            };
        }
        match (view, &self.resolve.types[id].name) {
            (ResourceView::Wire, _) => quote!(#private::ResourceAny),
            (ResourceView::Typed, Some(name)) => self.path(at, id, None, &camel(name)),
            (ResourceView::Host | ResourceView::HostWithin | ResourceView::HostWire, _) => {
                let name = self.resolve.types[root(self.resolve, id)].name.as_deref();
                let name = ident(&camel(name.unwrap_or_default()));
                match view {
                    ResourceView::Host | ResourceView::HostWithin => quote!(Self::#name),
                    _ => quote!(#private::HostResource<H::#name>),
                }
            }
            _ => quote!(#private::ResourceHandle),
        }
    }

    /// The Rust type that the input tells for a resource.
    pub(super) fn rust_type(self, at: CodePlace<'_>, id: TypeId) -> Option<TokenStream> {
        let definition = root(self.resolve, id);
        let index = self.bindings.rust_type(definition)?;
        let name = self.resolve.types[definition].name.as_deref()?;
        let name = rust_type_name(name, index);
        let root = self.root;
        let up = |module: &BindingsModule, more: usize| {
            let up = (0..module.path.len() + more).map(|_| quote!(super::));
            quote!(#(#up)* glue::)
        };
        let glue = match at {
            CodePlace::Root => quote!(#root::glue::),
            CodePlace::Glue => quote!(),
            CodePlace::In(module) => up(module, 0),
            CodePlace::Inside(module, _) => up(module, 1),
        };
        Some(quote!(#glue with::#name))
    }

    /// An item of Rust's standard library.
    pub(super) fn std(self, at: CodePlace<'_>, of: PreludeItem) -> TokenStream {
        let (path, name) = match of {
            PreludeItem::Into => (quote!(::core::convert::), quote!(Into)),
            PreludeItem::Ok => (quote!(::core::result::Result::), quote!(Ok)),
            PreludeItem::Option => (quote!(::core::option::), quote!(Option)),
            PreludeItem::Result => (quote!(::core::result::), quote!(Result)),
            PreludeItem::String => (quote!(::std::string::), quote!(String)),
            PreludeItem::Vec => (quote!(::std::vec::), quote!(Vec)),
        };
        match at {
            CodePlace::Root => quote!(#path #name),
            _ => name,
        }
    }

    /// The path of `composer::private`.
    pub(super) fn private(self, at: CodePlace<'_>) -> TokenStream {
        let composer = self.composer;
        match at {
            CodePlace::Root => quote!(#composer::private),
            _ => quote!(private),
        }
    }

    /// The path of `name` in the module of a type, or in the module `inside` of that.
    fn path(self, at: CodePlace<'_>, of: TypeId, inside: Option<&str>, name: &str) -> TokenStream {
        let name = ident(name);
        match self.bindings.module_of(self.resolve, of) {
            Some(module) => {
                let to = self.module_path(at, module, inside);
                quote!(#to #name)
            }
            // Every type that is used belongs to a module.
            None => quote!(#name),
        }
    }

    /// The path of a module, followed by `::`.
    pub(super) fn module_path(
        self,
        at: CodePlace<'_>,
        module: &BindingsModule,
        inside: Option<&str>,
    ) -> TokenStream {
        let to = module.path.iter().map(String::as_str).chain(inside);
        let to: Vec<&str> = to.collect();
        let from: Vec<&str> = match at {
            CodePlace::Root => {
                let (root, to) = (self.root, to.iter().map(|name| ident(name)));
                return quote!(#root:: #(#to::)*);
            }
            CodePlace::Glue => vec!["glue"],
            CodePlace::In(module) => module.path.iter().map(String::as_str).collect(),
            CodePlace::Inside(module, inside) => {
                let path = module.path.iter().map(String::as_str);
                path.chain([inside]).collect()
            }
        };
        let pairs = from.iter().zip(&to);
        let common = pairs.take_while(|(from, to)| from == to).count();
        let up = from[common..].iter().map(|_| quote!(super::));
        let down = to[common..].iter().map(|name| ident(name));
        quote!(#(#up)* #(#down::)*)
    }
}
