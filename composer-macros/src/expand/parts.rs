//! The struct of parts, and the code that adds and replaces them.

use proc_macro2::TokenStream;
use quote::quote;

use crate::check::{CheckedInput, Declaration, DeclaredComponent};
use crate::expand::docs::spaced;
use crate::expand::types::CodeWriter;
use crate::expand::{GeneratedNames, HostArgument, glue};

/// The struct, and its functions for parts that replace others later.
pub(super) fn all(
    checked: &CheckedInput,
    names: &GeneratedNames<'_>,
    writer: CodeWriter<'_>,
) -> TokenStream {
    let definition = definition(checked, names);
    let later = later(checked, names, writer);
    quote! {
        #definition
        #later
    }
}

fn definition(checked: &CheckedInput, names: &GeneratedNames<'_>) -> TokenStream {
    let GeneratedNames {
        composition,
        parts,
        fields,
        types,
        lists,
        ..
    } = names;
    let fields = fields
        .iter()
        .zip(types)
        .zip(lists)
        .map(|((field, ty), is_list)| {
            if *is_list {
                quote!(#field: ::std::vec::Vec<(::std::string::String, #ty)>)
            } else {
                quote!(#field: #ty)
            }
        });
    let title = format!(" The parts of a [`{composition}`], a field for each component.");
    let docs = checked.components.iter();
    let docs = docs.map(|component| spaced(component_doc(checked, component)));
    quote! {
        #[doc = #title]
        pub struct #parts<#(#types),*> {
            #(
                #(#[doc = #docs])*
                pub #fields,
            )*
        }
    }
}

/// The documentation of a component's field, from its world or interface.
fn component_doc(checked: &CheckedInput, component: &DeclaredComponent) -> Vec<String> {
    let (resolve, name) = (&checked.wit.resolve, &component.name);
    let (title, docs) = match component.what {
        Declaration::World(id) => (
            format!("A component of the world `{name}`."),
            &resolve.worlds[id].docs,
        ),
        Declaration::Dyn(id) => (
            format!("A component that exports `{name}`."),
            &resolve.interfaces[id].docs,
        ),
        Declaration::Many(id) => (
            format!("Components that each export `{name}`, with their names."),
            &resolve.interfaces[id].docs,
        ),
    };
    let mut doc = vec![title];
    if let Some(docs) = &docs.contents {
        doc.push(String::new());
        doc.extend(docs.lines().map(str::to_owned));
    }
    doc
}

/// The bindings that each part gets.
fn given(checked: &CheckedInput, writer: CodeWriter<'_>) -> Vec<TokenStream> {
    let components = checked.input.components.iter().zip(&checked.components);
    let components = components.zip(&writer.bindings.glue);
    components
        .map(|((component, declared), glue)| glue::given(writer, component, declared, glue))
        .collect()
}

/// The statements that add the parts in `parts`.
pub(super) fn wired(
    checked: &CheckedInput,
    names: &GeneratedNames<'_>,
    writer: CodeWriter<'_>,
) -> TokenStream {
    let (composer, root) = (&names.composer, &names.root);
    let glue = given(checked, writer);
    let all = || {
        names
            .fields
            .iter()
            .zip(&names.texts)
            .zip(&glue)
            .zip(&names.lists)
    };
    let (single, lists): (Vec<_>, Vec<_>) = all().partition(|(_, is_list)| !**is_list);
    let single = single
        .into_iter()
        .map(|(((field, text), glue), _)| quote!(.part(#text, parts.#field, #glue)));
    let wiring = quote! {
        #composer::private::Wiring::new(#root::glue::DECLARED) #(#single)*
    };
    if lists.is_empty() {
        return quote!(let wiring = #wiring;);
    }
    let lists = lists.into_iter().map(|(((field, text), glue), _)| {
        quote! {
            for (name, part) in parts.#field {
                wiring = wiring.part_of(#text, &name, part, #glue);
            }
        }
    });
    quote! {
        let mut wiring = #wiring;
        #(#lists)*
    }
}

/// A function for each component, which makes a part that replaces it. They are
/// associated functions of one instantiation, so that callers need not name type
/// parameters.
fn later(
    checked: &CheckedInput,
    names: &GeneratedNames<'_>,
    writer: CodeWriter<'_>,
) -> TokenStream {
    let GeneratedNames {
        composer,
        composition,
        parts,
        root,
        types,
        ..
    } = names;
    let HostArgument {
        parameter,
        argument,
        bounds,
        shared,
        ..
    } = &HostArgument::new(writer);
    let units = types.iter().map(|_| quote!(()));
    let glue = given(checked, writer);
    let functions = (0..names.fields.len()).map(|i| {
        let (field, text, glue) = (names.fields[i], &names.texts[i], &glue[i]);
        let (title, goes_to, name, made) = match names.lists[i] {
            true => (
                format!(" A part of this name for the list `{text}` of a [`{composition}`]."),
                " Give it to `List::add` or `List::replace`.",
                Some(quote!(name: &str,)),
                quote!(one_part_of(#root::glue::DECLARED, #text, name, part, #glue)),
            ),
            false => (
                format!(" A part that takes the place of `{text}` in a [`{composition}`]."),
                " Give it to `ComponentHandle::replace`.",
                None,
                quote!(one_part(#root::glue::DECLARED, #text, part, #glue)),
            ),
        };
        quote! {
            #[doc = #title]
            ///
            #[doc = #goes_to]
            ///
            /// # Errors
            ///
            /// `PartError::Host` if its linker does not take what the program
            /// provides. That it is what was declared is checked when it is given
            /// away.
            pub fn #field<Part, #parameter>(
                #name
                part: Part,
                #argument
            ) -> ::core::result::Result<
                #composer::ComposableDescriptor,
                #composer::PartError,
            >
            where
                Part: #composer::Composable + 'static,
                #bounds
            {
                #shared
                #composer::private::#made
            }
        }
    });
    quote! {
        impl #parts<#(#units),*> {
            #(#functions)*
        }
    }
}
