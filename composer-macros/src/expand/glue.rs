//! The typed bindings of the parts.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Path;

use crate::ast::{ComponentEntry, text};
use crate::bindings::{BindingsModule, BoundaryModules, ItemOwner, world_name};
use crate::check::{CheckedInput, Declaration, DeclaredComponent, type_parameter};
use crate::expand::declared::declaration;
use crate::expand::handles;
use crate::expand::types::{CodePlace, CodeWriter, rust_type_name};

/// The list of functions that are called, and a struct for each component.
pub(super) fn all(writer: CodeWriter<'_>, checked: &CheckedInput) -> TokenStream {
    let called = writer
        .bindings
        .called()
        .into_iter()
        .map(|(interface, name)| {
            let interface = match interface {
                Some(interface) => quote!(Some(#interface)),
                None => quote!(None),
            };
            quote!((#interface, #name))
        });
    let parts = checked.input.components.iter().zip(&writer.bindings.glue);
    let parts = parts.filter_map(|(component, glue)| part(writer, component, glue));
    let handles = handles::definition(checked, writer);
    let hosted = hosted(writer);
    let declared = declaration(checked);
    let with = with(checked);
    quote! {
        /// What the parts are told of their functions.
        #[doc(hidden)]
        pub mod glue {
            use super::private::{self, prelude::*};

            /// The functions that are called, each at the place that its constant says.
            pub const FUNCTIONS: &[private::FunctionName] = &[#(#called),*];

            #handles
            #(#parts)*
            #hosted
            #with
            #declared
        }
    }
}

/// The embedder's types under names that are valid in every module.
fn with(checked: &CheckedInput) -> Option<TokenStream> {
    let entries = checked.input.with.iter().enumerate();
    let types: Vec<TokenStream> = entries
        .map(|(index, entry)| {
            let text = entry.name.value();
            let resource = text.rsplit('.').next().unwrap_or_default();
            let (name, path) = (rust_type_name(resource, index), from_glue(&entry.path));
            quote!(pub type #name = #path;)
        })
        .collect();
    (!types.is_empty()).then(|| {
        quote! {
            /// The program's types of resources.
            pub mod with {
                #[allow(unused_imports)]
                use super::super::super::*;

                #(#types)*
            }
        }
    })
}

/// A path that is valid beside the composition, as it is three modules further down.
fn from_glue(path: &Path) -> TokenStream {
    let first = path
        .segments
        .first()
        .map(|segment| segment.ident.to_string());
    let rest = || path.segments.iter().skip(1);
    match first.as_deref() {
        Some("self") if path.leading_colon.is_none() => {
            let rest = rest();
            quote!(super::super::super #(::#rest)*)
        }
        Some("super") => quote!(super::super::super::#path),
        _ => quote!(#path),
    }
}

/// The wrapper that gives every part what the program provides.
fn hosted(writer: CodeWriter<'_>) -> Option<TokenStream> {
    let modules = writer.bindings.modules.iter();
    let modules: Vec<&BindingsModule> = modules.filter(|module| module.is_hosted()).collect();
    if modules.is_empty() {
        return None;
    }
    let hosted: Vec<TokenStream> = modules
        .iter()
        .map(|module| writer.module_path(CodePlace::Glue, module, None))
        .collect();
    let traits = modules.iter().zip(&hosted);
    let traits = traits.filter(|(module, _)| writer.bindings.has_trait(module));
    let traits = traits.map(|(_, path)| path);
    let linked = modules.iter().zip(&hosted).map(|(module, path)| {
        let linked = quote!(#path wire::provided(linker, self.host)?;);
        match module.owner {
            ItemOwner::Interface(_) => linked,
            // Two worlds may have imports of the same name.
            ItemOwner::World(id) => {
                // Only worlds of packages can be declared.
                let world = world_name(writer.resolve, id).unwrap_or_default();
                quote! {
                    if self.world.is_none_or(|world| world == #world) {
                        #linked
                    }
                }
            }
        }
    });
    Some(quote! {
        /// A part, and the program that provides for it.
        pub struct Hosted<'h, G, H> {
            pub part: G,
            pub host: &'h std::sync::Arc<H>,
            /// The part's world, if it is declared.
            pub world: Option<&'static str>,
        }

        impl<G, H> private::TypedBindings for Hosted<'_, G, H>
        where
            G: private::TypedBindings,
            #(H: #traits Host,)*
        {
            fn functions<T: Send + 'static>(&self, registry: &mut private::TypedRegistry<T>) {
                self.part.functions(registry);
            }

            fn link<T: Send + 'static>(
                &self,
                linker: &mut private::HostLinker<'_, T>,
            ) -> private::wasmtime::Result<()> {
                #(#linked)*
                Ok(())
            }
        }
    })
}

/// The bindings that a part gets, as an expression that is valid beside the composition.
pub(super) fn given(
    writer: CodeWriter<'_>,
    component: &ComponentEntry,
    declared: &DeclaredComponent,
    glue: &BoundaryModules,
) -> TokenStream {
    let root = writer.root;
    let name = format_ident!("{}", type_parameter(&text(&component.name)));
    let known = match glue.exports.is_empty() && glue.imports.is_empty() {
        true => quote!(()),
        false => quote!(#root::glue::#name),
    };
    if writer
        .bindings
        .modules
        .iter()
        .any(BindingsModule::is_hosted)
    {
        let world = match declared.what {
            Declaration::World(_) => {
                let world = &declared.name;
                quote!(::core::option::Option::Some(#world))
            }
            Declaration::Dyn(_) | Declaration::Many(_) => quote!(::core::option::Option::None),
        };
        quote! {
            &#root::glue::Hosted {
                part: #known,
                host: &host,
                world: #world,
            }
        }
    } else {
        quote!(&#known)
    }
}

fn part(
    writer: CodeWriter<'_>,
    component: &ComponentEntry,
    glue: &BoundaryModules,
) -> Option<TokenStream> {
    if glue.exports.is_empty() && glue.imports.is_empty() {
        return None;
    }
    let exports = functions(writer, &glue.exports, quote!(exported));
    let imports = functions(writer, &glue.imports, quote!(imported));
    let name = format_ident!("{}", type_parameter(&text(&component.name)));
    let title = format!(" What `{}` exports and imports.", text(&component.name));
    Some(quote! {
        #[doc = #title]
        pub struct #name;

        impl private::TypedBindings for #name {
            fn functions<T: Send + 'static>(&self, registry: &mut private::TypedRegistry<T>) {
                #exports
                #imports
            }
        }
    })
}

fn functions(writer: CodeWriter<'_>, owners: &[ItemOwner], sort: TokenStream) -> TokenStream {
    let modules = owners
        .iter()
        .filter_map(|owner| writer.bindings.module(*owner));
    let calls = modules.map(|module| {
        let path = writer.module_path(CodePlace::Glue, module, Some("wire"));
        quote!(#path #sort(registry);)
    });
    calls.collect()
}
