//! Where WIT is found, and what is said when it is not there or broken.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;

use super::run;

const A: &str = "package x:a;\ninterface api { f: func(); }\nworld a { export api; }";
const B: &str = "package x:b;\nworld b { import x:a/api; }";

fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    root
}

fn ab(path: TokenStream) -> TokenStream {
    quote! {
        path: #path,
        composition: Both,
        components: { a: "x:a/a", b: "x:b/b" },
    }
}

#[track_caller]
fn works(root: &Path, path: TokenStream) -> String {
    let expanded = run(ab(path), root);
    assert!(!expanded.contains("compile_error"), "{expanded}");
    expanded
}

/// The text of the one error, with the folder's name left out.
#[track_caller]
fn error(root: &Path, input: TokenStream) -> String {
    let expanded: syn::File = syn::parse_str(&run(input, root)).unwrap();
    let [syn::Item::Macro(error)] = expanded.items.as_slice() else {
        panic!("not one error: {}", expanded.items.len());
    };
    let text: syn::LitStr = error.mac.parse_body().unwrap();
    text.value().replace(root.to_str().unwrap(), "ROOT")
}

#[test]
fn folders_may_stand_in_any_order_and_files_are_watched() {
    let root = tree(&[("a/a.wit", A), ("b/b.wit", B)]);
    works(root.path(), quote!(["a", "b"]));
    let expanded = works(root.path(), quote!(["b", "a"]));
    for file in ["a/a.wit", "b/b.wit"] {
        let file = root.path().join(file);
        assert!(expanded.contains(&format!("include_bytes ! ({file:?})")));
    }
}

#[test]
fn dependencies_are_in_deps_and_copies_of_them_do_not_clash() {
    let root = tree(&[("b/b.wit", B), ("b/deps/a/a.wit", A), ("a/a.wit", A)]);
    works(root.path(), quote!("b"));
    works(root.path(), quote!(["b", "a"]));
    let root = tree(&[("b/b.wit", B), ("b/deps/a.wit", A)]);
    works(root.path(), quote!("b"));
}

#[test]
fn a_folder_of_packages_means_all_of_them_and_a_file_itself() {
    let root = tree(&[("wit/a/a.wit", A), ("wit/b/b.wit", B)]);
    works(root.path(), quote!("wit"));
    works(root.path(), quote!(["wit/b/b.wit", "wit/a/a.wit"]));
}

#[test]
fn without_a_path_the_folder_is_wit() {
    let root = tree(&[("wit/a.wit", A)]);
    let input = quote!(composition: Alone, components: { a: "x:a/a" });
    let expanded = run(input, root.path());
    assert!(!expanded.contains("compile_error"), "{expanded}");
}

#[test]
fn a_missing_folder_says_where_it_was_searched() {
    let root = tree(&[("wits/a.wit", A)]);
    assert_eq!(
        error(root.path(), ab(quote!("wit"))),
        "there is no folder or file `wit` in `ROOT`, where this crate's manifest is; \
         did you mean `wits`?\n  \
         fix: write the path as it is seen from there"
    );
    let root = tree(&[("wit/readme.md", "")]);
    assert_eq!(
        error(root.path(), ab(quote!("wit"))),
        "there are no `.wit` files in `ROOT/wit`, nor in its folders\n  \
         fix: write the path of a folder that holds a WIT package"
    );
}

#[test]
fn broken_wit_is_shown_with_path_line_and_column() {
    let root = tree(&[("wit/a.wit", "package x:a;\ninterface api { f: fun(); }")]);
    let text = error(root.path(), ab(quote!("wit")));
    assert!(text.contains("ROOT/wit/a.wit:2:20"), "{text}");
    let root = tree(&[("wit/b.wit", B)]);
    let text = error(root.path(), ab(quote!("wit")));
    assert!(text.contains("ROOT/wit/b.wit:2:18"), "{text}");
    assert!(text.contains("package 'x:a' not found"), "{text}");
}

#[test]
fn one_package_in_two_versions_of_its_text_is_refused() {
    let other = "package x:a;\nworld other {}";
    let root = tree(&[("b/b.wit", B), ("b/deps/a.wit", A), ("a/a.wit", other)]);
    let text = error(root.path(), ab(quote!(["b", "a"])));
    assert!(text.contains("package `x:a` is defined in two"), "{text}");
    assert!(text.contains("ROOT/a/a.wit:1:9"), "{text}");
}
