//! The types that an interface or a world defines.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use wit_parser::{Case, Record, Type, TypeDef, TypeDefKind, TypeId, Variant};

use crate::bindings::names::{camel, case, ident, snake};
use crate::bindings::shape::{TypeShape, root};
use crate::bindings::{BindingsModule, ItemOwner, owner_of, types_of};
use crate::expand::conversions;
use crate::expand::docs::{docs, docs_of};
use crate::expand::flags::flags;
use crate::expand::types::{CodePlace, CodeWriter, ResourceView};

impl CodeWriter<'_> {
    /// The types of a module, as the embedder sees them.
    pub(super) fn types(self, module: &BindingsModule) -> TokenStream {
        let types = types_of(self.resolve, module.owner).into_iter();
        types.filter_map(|(_, id)| self.seen(module, id)).collect()
    }

    /// The module's types with resources that are needed with handles in place of those.
    pub(super) fn untyped(self, module: &BindingsModule) -> Option<TokenStream> {
        let types = self.compound(module).into_iter();
        let needed = types.filter(|id| self.bindings.is_needed_untyped(*id));
        let at = CodePlace::Inside(module, "untyped");
        let types: Vec<TokenStream> = needed
            .map(|id| self.carried(at, ResourceView::Untyped, id))
            .collect();
        (!types.is_empty()).then(|| {
            quote! {
                /// The same types with resources of other components.
                pub mod untyped {
                    #[allow(unused_imports)]
                    use super::private::{self, prelude::*};

                    #(#types)*
                }
            }
        })
    }

    /// The module's types with resources or streams, in the form in which they cross.
    pub(super) fn wire_types(self, module: &BindingsModule) -> TokenStream {
        let at = CodePlace::Inside(module, "wire");
        let types = self.compound(module).into_iter();
        types
            .map(|id| self.plain(at, ResourceView::Wire, id))
            .collect()
    }

    /// The records and variants with resources or streams that a module defines.
    fn compound(self, module: &BindingsModule) -> Vec<TypeId> {
        let types = types_of(self.resolve, module.owner).into_iter();
        let compound = types.map(|(_, id)| id).filter(|id| {
            let kind = &self.resolve.types[*id].kind;
            let shape = self.bindings.shape(&Type::Id(*id));
            matches!(kind, TypeDefKind::Record(_) | TypeDefKind::Variant(_))
                && !shape.is_plain()
                && shape.unsupported.is_none()
        });
        compound.collect()
    }

    fn seen(self, module: &BindingsModule, id: TypeId) -> Option<TokenStream> {
        let at = CodePlace::In(module);
        let def = &self.resolve.types[id];
        let shape = self.bindings.shape(&Type::Id(id));
        let is_resource = matches!(def.kind, TypeDefKind::Resource);
        let is_known = module.is_called() || (self.is_told(module, &shape) && !is_resource);
        if shape.unsupported.is_some() || (shape.has_resources() && !is_known) {
            return None;
        }
        let definition = root(self.resolve, id);
        let is_foreign = owner_of(self.resolve, definition) != Some(module.owner);
        if !is_resource && let Some(path) = self.rust_type(at, id) {
            return Some(self.alias(def, false, path));
        }
        Some(match &def.kind {
            TypeDefKind::Resource => match module.owner {
                ItemOwner::Interface(_) => self.resource_type(module, id),
                // No component exports it: it is the embedder's.
                ItemOwner::World(_) => {
                    let ty = self.resource(at, ResourceView::Untyped, id);
                    self.alias(def, false, ty)
                }
            },
            TypeDefKind::Type(_) if is_foreign => self.used(module, id, definition),
            TypeDefKind::Record(_)
            | TypeDefKind::Variant(_)
            | TypeDefKind::Enum(_)
            | TypeDefKind::Flags(_) => match shape.is_plain() {
                true => self.plain(at, ResourceView::Typed, id),
                false => self.carried(at, ResourceView::Typed, id),
            },
            kind => self.alias(def, shape.is_lent, self.kind(at, ResourceView::Typed, kind)),
        })
    }

    /// Whether the resources in a type of a module that only the embedder implements have
    /// Rust types.
    fn is_told(self, module: &BindingsModule, shape: &TypeShape) -> bool {
        !module.is_called() && self.bindings.has_rust_types(shape)
    }

    /// A type that another interface defines.
    fn used(self, module: &BindingsModule, id: TypeId, definition: TypeId) -> TokenStream {
        let at = CodePlace::In(module);
        let def = &self.resolve.types[id];
        let shape = self.bindings.shape(&Type::Id(id));
        let shared = self.bindings.is_shared(module, definition);
        let ty = match (&def.kind, &self.resolve.types[definition].kind) {
            (TypeDefKind::Type(target), _) if shape.is_plain() => {
                self.ty(at, ResourceView::Typed, target)
            }
            (_, TypeDefKind::Resource) if self.bindings.is_typed(module, definition) => {
                self.resource(at, ResourceView::Typed, definition)
            }
            (_, TypeDefKind::Resource) => self.resource(at, ResourceView::Untyped, definition),
            _ if shared || self.is_told(module, &shape) => {
                self.id(at, ResourceView::Typed, definition)
            }
            _ => self.id(at, ResourceView::Untyped, definition),
        };
        self.alias(def, shape.is_lent, ty)
    }

    fn alias(self, def: &TypeDef, is_lent: bool, ty: TokenStream) -> TokenStream {
        let Some(wit) = &def.name else {
            return TokenStream::new();
        };
        let (docs, name) = (docs_of(def, "type"), ident(&camel(wit)));
        let lifetime = is_lent.then(|| quote!(<'a>));
        quote! {
            #docs
            pub type #name #lifetime = #ty;
        }
    }

    /// A type that wasmtime passes unchanged.
    fn plain(self, at: CodePlace<'_>, view: ResourceView, id: TypeId) -> TokenStream {
        let def = &self.resolve.types[id];
        let Some(wit) = &def.name else {
            return TokenStream::new();
        };
        let shape = self.bindings.shape(&Type::Id(id));
        let (derive, inner) = match (view, &def.kind) {
            (ResourceView::Wire, _) => (quote!(), quote!(, inner)),
            (_, TypeDefKind::Enum(_)) => (
                quote!(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,),
                quote!(),
            ),
            _ if shape.has_floats => (quote!(Clone, Debug, PartialEq,), quote!()),
            _ => (quote!(Clone, Debug, PartialEq, Eq,), quote!()),
        };
        let (style, repr) = match &def.kind {
            TypeDefKind::Flags(all) => {
                let error = self.error(id);
                let flags = flags(def, wit, all);
                return quote!(#flags #error);
            }
            TypeDefKind::Record(_) => (quote!(record), None),
            TypeDefKind::Enum(cases) => {
                let repr = match cases.cases.len() {
                    0..=0x100 => quote!(u8),
                    0x101..=0x1_0000 => quote!(u16),
                    _ => quote!(u32),
                };
                (quote!(enum), Some(quote!(#[repr(#repr)])))
            }
            _ => (quote!(variant), None),
        };
        let docs = match view {
            ResourceView::Wire => quote!(),
            _ => docs_of(def, "type"),
        };
        let derives = self.derives.iter().filter(|path| {
            // It may be among the others already.
            let name = path.segments.last().map(|last| last.ident.to_string());
            let derived = derive.to_string();
            let mut derived = derived.split(',').map(str::trim);
            view != ResourceView::Wire && !derived.any(|derived| Some(derived) == name.as_deref())
        });
        let body = self.body(at, view, def, true);
        let error = (view != ResourceView::Wire).then(|| self.error(id));
        quote! {
            #docs
            #[derive(#derive #(#derives,)* private::ComponentType, private::Lift, private::Lower, private::Wire)]
            #[component(#style)]
            #[component(wasmtime_crate = private::wasmtime)]
            #[wire(private #inner)]
            #repr
            #body
            #error
        }
    }

    /// A record or a variant with resources or streams, in the form that the embedder uses.
    fn carried(self, at: CodePlace<'_>, view: ResourceView, id: TypeId) -> TokenStream {
        let def = &self.resolve.types[id];
        let Some(wit) = &def.name else {
            return TokenStream::new();
        };
        let docs = docs_of(def, "type");
        let body = self.body(at, view, def, false);
        let name = ident(&camel(wit));
        let wire = match self.bindings.module_of(self.resolve, id) {
            Some(module) => self.module_path(at, module, Some("wire")),
            None => quote!(),
        };
        let shape = self.bindings.shape(&Type::Id(id));
        let impls = match &def.kind {
            TypeDefKind::Record(record) => conversions::record(&name, &wire, record, shape.is_lent),
            TypeDefKind::Variant(variant) => {
                conversions::variant(&name, &wire, variant, shape.is_lent)
            }
            _ => quote!(),
        };
        let error = self.error(id);
        let mut resources = shape.resources.iter();
        let is_embedders = resources.any(|id| self.bindings.rust_type(*id).is_some());
        let debug = (is_embedders && view == ResourceView::Typed)
            .then(|| opaque_debug(&name, &def.kind, shape.is_lent));
        let derive = debug.is_none().then(|| quote!(#[derive(Debug)]));
        quote! {
            #docs
            #derive
            #body
            #debug
            #impls
            #error
        }
    }

    fn body(
        self,
        at: CodePlace<'_>,
        view: ResourceView,
        def: &TypeDef,
        is_component: bool,
    ) -> TokenStream {
        let Some(wit) = &def.name else {
            return TokenStream::new();
        };
        let name = ident(&camel(wit));
        let members = TypeMembers {
            writer: self,
            at,
            view,
            is_component,
        };
        let is_lent = match &def.kind {
            TypeDefKind::Record(record) => record
                .fields
                .iter()
                .any(|f| self.bindings.shape(&f.ty).is_lent),
            TypeDefKind::Variant(variant) => {
                let mut types = variant.cases.iter().filter_map(|case| case.ty);
                types.any(|ty| self.bindings.shape(&ty).is_lent)
            }
            _ => false,
        };
        let lifetime = (is_lent && view != ResourceView::Wire).then(|| quote!(<'a>));
        match &def.kind {
            TypeDefKind::Record(record) => {
                let fields = members.fields(record);
                quote!(pub struct #name #lifetime { #fields })
            }
            TypeDefKind::Variant(variant) => {
                let cases = members.cases(variant);
                quote!(pub enum #name #lifetime { #cases })
            }
            TypeDefKind::Enum(cases) => {
                let cases = cases.cases.iter().map(|case| Case {
                    name: case.name.clone(),
                    ty: None,
                    docs: case.docs.clone(),
                    span: case.span,
                });
                let cases = members.cases(&Variant {
                    cases: cases.collect(),
                });
                quote!(pub enum #name { #cases })
            }
            _ => quote!(),
        }
    }

    /// The implementation of `Error` for a type that is the error of a function.
    fn error(self, id: TypeId) -> Option<TokenStream> {
        let def = &self.resolve.types[id];
        let wit = def.name.as_ref().filter(|_| self.bindings.is_error(id))?;
        let name = ident(&camel(wit));
        let body = match &def.kind {
            TypeDefKind::Enum(cases) => {
                let names = cases.cases.iter().map(|case| &case.name);
                let cases = cases.cases.iter().map(|c| ident(&case(&c.name)));
                quote! {
                    f.write_str(match self {
                        #(Self::#cases => #names,)*
                    })
                }
            }
            _ => quote!(core::fmt::Debug::fmt(self, f)),
        };
        Some(quote! {
            impl core::fmt::Display for #name {
                fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                    #body
                }
            }

            impl core::error::Error for #name {}
        })
    }
}

/// `Debug` without what is in a type: types of the embedder's need not implement it.
fn opaque_debug(name: &Ident, kind: &TypeDefKind, is_lent: bool) -> TokenStream {
    let text = name.to_string();
    let body = match kind {
        TypeDefKind::Variant(variant) => {
            let names = variant.cases.iter().map(|c| case(&c.name));
            let texts: Vec<String> = names.map(|name| format!("{text}::{name}")).collect();
            let cases = variant.cases.iter().map(|c| ident(&case(&c.name)));
            quote! {
                f.write_str(match self {
                    #(Self::#cases { .. } => #texts,)*
                })
            }
        }
        _ => quote!(f.write_str(#text)),
    };
    let lifetime = is_lent.then(|| quote!(<'_>));
    quote! {
        impl core::fmt::Debug for #name #lifetime {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                #body
            }
        }
    }
}

/// The context in which the fields or the cases of one type are written.
struct TypeMembers<'w> {
    writer: CodeWriter<'w>,
    at: CodePlace<'w>,
    view: ResourceView,
    /// Whether the members carry their WIT names as attributes for wasmtime.
    is_component: bool,
}

impl TypeMembers<'_> {
    fn fields(&self, record: &Record) -> TokenStream {
        let fields = record.fields.iter().map(|field| {
            let docs = self.docs(&field.docs, "field", &field.name);
            let name = ident(&snake(&field.name));
            let ty = self.writer.ty(self.at, self.view, &field.ty);
            quote!(#docs pub #name: #ty,)
        });
        fields.collect()
    }

    fn cases(&self, variant: &Variant) -> TokenStream {
        let cases = variant.cases.iter().map(|of| {
            let docs = self.docs(&of.docs, "case", &of.name);
            let name = variant_ident(&of.name);
            let payload = of.ty.as_ref().map(|ty| {
                let ty = self.writer.ty(self.at, self.view, ty);
                quote!((#ty))
            });
            quote!(#docs #name #payload,)
        });
        cases.collect()
    }

    fn docs(&self, said: &wit_parser::Docs, sort: &str, wit: &str) -> TokenStream {
        let docs = match self.view {
            ResourceView::Wire => quote!(),
            _ => docs(said, &format!("The {sort} `{wit}`.")),
        };
        let named = self.is_component.then(|| quote!(#[component(name = #wit)]));
        quote!(#docs #named)
    }
}

/// The identifier of a case.
pub(super) fn variant_ident(wit: &str) -> Ident {
    ident(&case(wit))
}
