//! The declared worlds as constants of `composer::private`.

use composer_plan::{Extern, FuncType, Item, Resource, ResourceId, Side, Type, World};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::ast::text;
use crate::check::{CheckedInput, Declaration, hints_of};

/// The constant that holds the declaration.
pub(super) fn declaration(checked: &CheckedInput) -> TokenStream {
    let components = checked
        .components
        .iter()
        .zip(&checked.input.components)
        .map(|(c, component)| {
            let name = text(&component.name);
            let kind = match c.what {
                Declaration::World(_) => quote!(World),
                Declaration::Dyn(_) => quote!(Dyn),
                Declaration::Many(_) => quote!(Many),
            };
            let world = world(&c.world);
            let hints = hints_of(&checked.input, &name);
            let hints = hints.iter().map(|(import, to)| {
                let export = optional(to.export.as_ref().map(|export| quote!(#export)));
                let component = &to.component;
                quote!((#import, #component, #export))
            });
            quote! {
                DeclaredComponent { name: #name, kind: DeclaredKind::#kind, world: #world, hints: &[#(#hints),*] }
            }
        });
    let open = &checked.input.open;
    let export_hints = checked.input.exports.iter().filter_map(|export| {
        let (name, from) = (&export.name, text(export.from.as_ref()?));
        Some(quote!((#name, #from)))
    });
    let exports = world(&checked.exports);
    quote! {
        /// The composition as it was written, which its parts are held against.
        pub static DECLARED: &private::DeclaredComposition = {
            // By name, since a path that is wrong is then reported once, and not for each.
            #[allow(unused_imports)]
            use private::{
                DeclaredComponent, DeclaredComposition,
                DeclaredExtern::{Defines, Function, Interface},
                DeclaredFunc::{Async, Sync},
                DeclaredKind,
                DeclaredResource::{Exported, Imported},
                DeclaredType::{
                    Bool, Borrow, Char, Enum, ErrorContext, F32, F64, FixedLengthList, Flags,
                    Future, List, Map, Maybe, Own, Record, Result, S8, S16, S32, S64, Stream,
                    String, Tuple, U8, U16, U32, U64, Variant,
                },
                DeclaredWorld,
            };
            &DeclaredComposition {
                components: &[#(#components),*],
                open: &[#(#open),*],
                export_hints: &[#(#export_hints),*],
                exports: #exports,
            }
        };
    }
}

/// A world as a constant expression.
pub(super) fn world(world: &World) -> TokenStream {
    let imports = externs(&world.imports);
    let exports = externs(&world.exports);
    let resources = world.resources.iter().map(resource);
    quote! {
        DeclaredWorld {
            imports: &[#(#imports),*],
            exports: &[#(#exports),*],
            resources: &[#(#resources),*],
        }
    }
}

fn externs(externs: &[Extern]) -> Vec<TokenStream> {
    let written = externs.iter().filter_map(|Extern { name, item, .. }| {
        let (name, item) = (name.as_str(), item_of(item)?);
        Some(quote!((#name, #item)))
    });
    written.collect()
}

fn item_of(item: &Item) -> Option<TokenStream> {
    Some(match item {
        Item::Func(ty) => {
            let ty = func(ty);
            quote!(Function(#ty))
        }
        Item::Interface(interface) => {
            let funcs = interface.funcs.iter().map(|(name, ty)| {
                let ty = func(ty);
                quote!((#name, #ty))
            });
            let resources = interface.resources.iter().map(|(name, id)| {
                let id = number(*id);
                quote!((#name, #id))
            });
            quote! {
                Interface {
                    funcs: &[#(#funcs),*],
                    resources: &[#(#resources),*],
                }
            }
        }
        Item::Resource(id) => {
            let id = number(*id);
            quote!(Defines(#id))
        }
        // WIT has no other items.
        _ => return None,
    })
}

fn resource(resource: &Resource) -> TokenStream {
    let interface = resource.interface.as_ref().map(composer_plan::Name::as_str);
    let interface = optional(interface.map(|name| quote!(#name)));
    let name = &resource.name;
    match resource.side {
        Side::Import => quote!(Imported(#interface, #name)),
        Side::Export => quote!(Exported(#interface, #name)),
    }
}

fn number(id: ResourceId) -> Literal {
    Literal::u32_unsuffixed(id.0)
}

fn optional(written: Option<TokenStream>) -> TokenStream {
    written.map_or_else(|| quote!(None), |written| quote!(Some(#written)))
}

fn func(func: &FuncType) -> TokenStream {
    let params = named(&func.params);
    let result = optional(func.result.as_ref().map(ty));
    if func.is_async {
        quote!(Async(&[#(#params),*], #result))
    } else {
        quote!(Sync(&[#(#params),*], #result))
    }
}

fn named(fields: &[(String, Type)]) -> Vec<TokenStream> {
    let field = |(name, of): &(String, Type)| {
        let of = ty(of);
        quote!((#name, #of))
    };
    fields.iter().map(field).collect()
}

fn ty(of: &Type) -> TokenStream {
    match of {
        Type::Bool => quote!(Bool),
        Type::S8 => quote!(S8),
        Type::U8 => quote!(U8),
        Type::S16 => quote!(S16),
        Type::U16 => quote!(U16),
        Type::S32 => quote!(S32),
        Type::U32 => quote!(U32),
        Type::S64 => quote!(S64),
        Type::U64 => quote!(U64),
        Type::F32 => quote!(F32),
        Type::F64 => quote!(F64),
        Type::Char => quote!(Char),
        Type::String => quote!(String),
        Type::List(t) => {
            let t = ty(t);
            quote!(List(&#t))
        }
        Type::FixedLengthList(t, len) => {
            let (t, len) = (ty(t), Literal::u32_unsuffixed(*len));
            quote!(FixedLengthList(&#t, #len))
        }
        Type::Map(key, value) => {
            let (key, value) = (ty(key), ty(value));
            quote!(Map(&#key, &#value))
        }
        Type::Record(fields) => {
            let fields = named(fields);
            quote!(Record(&[#(#fields),*]))
        }
        Type::Tuple(types) => {
            let types = types.iter().map(ty);
            quote!(Tuple(&[#(#types),*]))
        }
        Type::Variant(cases) => {
            let cases = cases.iter().map(|(name, of)| {
                let of = optional(of.as_ref().map(ty));
                quote!((#name, #of))
            });
            quote!(Variant(&[#(#cases),*]))
        }
        Type::Enum(names) => quote!(Enum(&[#(#names),*])),
        Type::Flags(names) => quote!(Flags(&[#(#names),*])),
        Type::Option(t) => {
            let t = ty(t);
            quote!(Maybe(&#t))
        }
        Type::Result(sides) => {
            let ok = optional(sides.0.as_ref().map(ty));
            let err = optional(sides.1.as_ref().map(ty));
            quote!(Result(&#ok, &#err))
        }
        Type::Own(id) => {
            let id = number(*id);
            quote!(Own(#id))
        }
        Type::Borrow(id) => {
            let id = number(*id);
            quote!(Borrow(#id))
        }
        Type::Future(t) => {
            let t = optional(t.as_deref().map(reference));
            quote!(Future(#t))
        }
        Type::Stream(t) => {
            let t = optional(t.as_deref().map(reference));
            quote!(Stream(#t))
        }
        // The only remaining type.
        _ => quote!(ErrorContext),
    }
}

fn reference(of: &Type) -> TokenStream {
    let t = ty(of);
    quote!(&#t)
}
