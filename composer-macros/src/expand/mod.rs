//! The code for a composition. This stage cannot fail.

mod conversions;
mod declared;
mod docs;
mod flags;
mod functions;
mod glue;
mod handles;
mod host;
mod host_values;
mod interface;
mod named;
mod parts;
mod resource;
mod spans;
mod types;
mod warnings;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use crate::ast::text;
use crate::bindings::{BindingsModule, names};
use crate::check::{CheckedInput, type_parameter};
use crate::expand::docs::spaced;
use crate::expand::spans::located;
use crate::expand::types::{CodePlace, CodeWriter};

/// Generates the code for one `compose!`.
pub(crate) fn expand(checked: &CheckedInput) -> TokenStream {
    let names = GeneratedNames::new(checked);
    let writer = names.writer(checked);
    let parts = parts::all(checked, &names, writer);
    let composition = composition(checked, &names, writer);
    let tree = writer.tree(checked);
    let warnings = warnings::all(&checked.warnings);
    let watched = checked.wit.files.iter().filter_map(|file| {
        let file = file.to_str()?;
        // This makes the compiler run the macro again when the file changes.
        Some(quote!(
            const _: &[u8] = ::core::include_bytes!(#file);
        ))
    });
    quote! {
        #parts
        #composition
        #tree
        #warnings
        #(#watched)*
    }
}

/// The names in the generated code.
struct GeneratedNames<'c> {
    composer: TokenStream,
    composition: &'c Ident,
    /// The module with everything except the composition type itself.
    root: Ident,
    parts: Ident,
    /// The type of the prepared composition.
    prepared: Ident,
    /// The components, here as fields and below as text.
    fields: Vec<&'c Ident>,
    texts: Vec<String>,
    /// Which of them are lists.
    lists: Vec<bool>,
    /// The types of the components' parts.
    types: Vec<Ident>,
}

impl<'c> GeneratedNames<'c> {
    fn new(checked: &'c CheckedInput) -> Self {
        let input = &checked.input;
        let composer = match &input.krate {
            Some(path) => path.to_token_stream(),
            None => quote_spanned!(input.composition.span()=> ::composer),
        };
        let fields: Vec<&Ident> = input.components.iter().map(|c| &c.name).collect();
        let texts: Vec<String> = fields.iter().map(|field| text(field)).collect();
        GeneratedNames {
            composer,
            composition: &input.composition,
            root: names::ident(&names::module(&text(&input.composition))),
            parts: format_ident!("{}Parts", input.composition),
            prepared: format_ident!("{}Prepared", input.composition),
            types: texts
                .iter()
                .map(|text| format_ident!("{}", type_parameter(text)))
                .collect(),
            lists: input.components.iter().map(|c| c.is_list()).collect(),
            fields,
            texts,
        }
    }

    fn writer<'w>(&'w self, checked: &'w CheckedInput) -> CodeWriter<'w> {
        CodeWriter {
            resolve: &checked.wit.resolve,
            bindings: &checked.bindings,
            root: &self.root,
            composer: &self.composer,
            derives: &checked.input.additional_derives,
        }
    }
}

fn composition(
    checked: &CheckedInput,
    names: &GeneratedNames<'_>,
    writer: CodeWriter<'_>,
) -> TokenStream {
    let GeneratedNames {
        composer,
        composition,
        parts,
        prepared,
        types,
        root,
        ..
    } = names;
    let wired = parts::wired(checked, names, writer);
    let methods = handles::methods(checked, writer);
    let doc = spaced(composition_doc(checked, names));
    let host = HostArgument::new(writer);
    let HostArgument {
        parameter,
        argument,
        passed,
        bounds,
        shared,
    } = &host;
    let prepared_title = format!(" A [`{composition}`] that can be composed any number of times.");
    quote! {
        #(#[doc = #doc])*
        pub struct #composition {
            handles: ::std::sync::Arc<#root::glue::Handles>,
            composition: #composer::Composition,
        }

        #[allow(deprecated)]
        impl #composition {
            /// Composes the parts: providers start before their users, each in
            /// a store of its own, on the current tokio runtime.
            ///
            /// # Errors
            ///
            /// As for `Composer::compose`, and `PartError::Misfit` for each part
            /// that does not fit the world it was declared with. That is checked
            /// before anything runs.
            pub async fn compose<#(#types,)* #parameter>(
                parts: #parts<#(#types),*>,
                #argument
            ) -> ::core::result::Result<Self, #composer::CompositionError>
            where
                #(#types: #composer::Composable + 'static,)*
                #bounds
            {
                Self::prepare(parts, #passed)?.compose().await
            }

            /// Does all that comes before the parts are started, once for any
            /// number of compositions.
            ///
            /// # Errors
            ///
            /// As for `Composer::prepare`, and `PartError::Misfit` for each part
            /// that does not fit the world it was declared with.
            pub fn prepare<#(#types,)* #parameter>(
                parts: #parts<#(#types),*>,
                #argument
            ) -> ::core::result::Result<#prepared, #composer::CompositionError>
            where
                #(#types: #composer::Composable + 'static,)*
                #bounds
            {
                #shared
                #wired
                ::core::result::Result::Ok(#prepared {
                    prepared: wiring.prepare()?,
                })
            }

            /// Takes a composition that was made in another way, if it exports
            /// all that this one declares, with the same types.
            ///
            /// # Errors
            ///
            /// `LookupError` for an export that is not there or of several
            /// components, or `PartError::Misfit` for each that has another type.
            pub fn from_composition(
                composition: #composer::Composition,
            ) -> ::core::result::Result<Self, #composer::CompositionError> {
                #composer::private::check_exports(&composition, #root::glue::DECLARED)?;
                ::core::result::Result::Ok(
                    <Self as #composer::private::TypedComposition>::from_parts(
                        ::core::option::Option::None,
                        composition,
                    ),
                )
            }

            /// A handle that does not keep the composition running, for what calls back
            /// into it.
            pub fn downgrade(&self) -> #composer::WeakHandle<Self> {
                #composer::WeakHandle::new(::core::clone::Clone::clone(self))
            }

            /// The composition itself, for lookups by name, status and shutdown.
            pub fn composition(&self) -> &#composer::Composition {
                &self.composition
            }

            #methods
        }

        impl ::core::clone::Clone for #composition {
            fn clone(&self) -> Self {
                Self {
                    handles: ::core::clone::Clone::clone(&self.handles),
                    composition: ::core::clone::Clone::clone(&self.composition),
                }
            }
        }

        impl #composer::private::TypedComposition for #composition {
            type Handles = #root::glue::Handles;

            fn into_parts(self) -> (::std::sync::Arc<Self::Handles>, #composer::Composition) {
                (self.handles, self.composition)
            }

            fn from_parts(
                handles: ::core::option::Option<::std::sync::Arc<Self::Handles>>,
                composition: #composer::Composition,
            ) -> Self {
                let find = || ::std::sync::Arc::new(#root::glue::Handles::new(&composition));
                Self {
                    handles: handles.unwrap_or_else(find),
                    composition,
                }
            }
        }

        #[doc = #prepared_title]
        ///
        /// It is a handle: cloning it is cheap, and it keeps nothing running.
        #[derive(Clone)]
        pub struct #prepared {
            prepared: #composer::PreparedComposition,
        }

        impl #prepared {
            /// Starts a composition: providers start before their users, each in
            /// a store of its own, on the current tokio runtime.
            ///
            /// # Errors
            ///
            /// As for `PreparedComposition::compose`.
            pub async fn compose(
                &self,
            ) -> ::core::result::Result<#composition, #composer::CompositionError> {
                let composition = self.prepared.compose().await?;
                ::core::result::Result::Ok(
                    <#composition as #composer::private::TypedComposition>::from_parts(
                        ::core::option::Option::None,
                        composition,
                    ),
                )
            }

            /// The same without its types, for its plan and for nesting.
            pub fn prepared(&self) -> &#composer::PreparedComposition {
                &self.prepared
            }
        }
    }
}

/// The tokens for the program's argument to `prepare`, if the program provides anything.
struct HostArgument {
    parameter: Option<TokenStream>,
    argument: Option<TokenStream>,
    passed: Option<TokenStream>,
    bounds: Option<TokenStream>,
    shared: Option<TokenStream>,
}

impl HostArgument {
    fn new(writer: CodeWriter<'_>) -> Self {
        let modules = writer.bindings.modules.iter();
        let modules: Vec<TokenStream> = modules
            .filter(|module| writer.bindings.has_trait(module))
            .map(|module| {
                let path = writer.module_path(CodePlace::Root, module, None);
                located(quote!(H: #path Host,), module.span)
            })
            .collect();
        let given = (!modules.is_empty()).then_some(());
        let mut all = writer.bindings.modules.iter();
        let shared = match given {
            Some(()) => Some(quote!(let host = ::std::sync::Arc::new(host);)),
            // Resources without functions need no program.
            None if all.any(BindingsModule::is_hosted) => {
                Some(quote!(let host = ::std::sync::Arc::new(());))
            }
            None => None,
        };
        HostArgument {
            parameter: given.map(|()| quote!(H)),
            argument: given.map(|()| quote!(host: H,)),
            passed: given.map(|()| quote!(host)),
            bounds: given.map(|()| quote!(#(#modules)*)),
            shared,
        }
    }
}

fn composition_doc(checked: &CheckedInput, names: &GeneratedNames<'_>) -> Vec<String> {
    let components = names.texts.iter().map(|text| format!("`{text}`"));
    let components: Vec<String> = components.collect();
    let mut doc = vec![
        format!("A composition of {}.", components.join(", ")),
        String::new(),
        "It is a handle: cloning it is cheap, and when the last one is gone, its components end."
            .to_owned(),
    ];
    if !checked.exports.exports.is_empty() {
        doc.extend([String::new(), "It exports:".to_owned(), String::new()]);
        let exports = checked.exports.exports.iter();
        doc.extend(exports.map(|export| format!("- `{}`", export.name)));
    }
    doc
}
