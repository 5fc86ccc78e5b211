//! The paths of WIT, and the errors for WIT that is missing or broken.

use std::path::Path;

use proc_macro2::TokenStream;
use quote::quote;

use crate::tests::run;

const A: &str = "package x:a;\ninterface api { f: func(); }\nworld a { export api; }";
const B: &str = "package x:b;\nworld b { import x:a/api; }";

fn tree(files: &[(&str, impl AsRef<[u8]>)]) -> tempfile::TempDir {
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

/// The text of the only error, without the folder's name.
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

/// A package in binary form, with everything it needs.
fn encoded(text: &str) -> Vec<u8> {
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("a.wit", text).unwrap();
    wit_component::encode(&resolve, package).unwrap()
}

#[test]
fn packages_in_binary_form_are_read() {
    let a = encoded(A);
    let text = |text: &str| text.as_bytes().to_vec();
    for deps in ["b/deps/x-a.wasm", "b/deps/a.wasm"] {
        let root = tree(&[("b/b.wit", text(B)), (deps, a.clone())]);
        let expanded = works(root.path(), quote!("b"));
        let file = root.path().join(deps);
        assert!(expanded.contains(&format!("include_bytes ! ({file:?})")));
    }
    let root = tree(&[("b.wit", text(B)), ("a.wasm", a.clone())]);
    works(root.path(), quote!(["b.wit", "a.wasm"]));
    works(root.path(), quote!(["a.wasm", "b.wit"]));
    let root = tree(&[("a.wasm", a)]);
    let alone = quote!(path: "a.wasm", composition: Alone, components: { a: "x:a/a" });
    let expanded = run(alone, root.path());
    assert!(!expanded.contains("compile_error"), "{expanded}");
}

#[test]
fn what_is_no_package_in_binary_form_is_named() {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests");
    let component = std::fs::read(guests.join("text-base/text-base.wasm")).unwrap();
    let root = tree(&[("a.wasm", component)]);
    assert_eq!(
        error(root.path(), ab(quote!("a.wasm"))),
        "`ROOT/a.wasm` is a component, and no WIT package\n  \
         fix: give the WIT that it was built from, or what `wasm-tools component wit` reads out \
         of it"
    );
    let root = tree(&[("a.wasm", b"no")]);
    let text = error(root.path(), ab(quote!("a.wasm")));
    assert!(
        text.starts_with("`ROOT/a.wasm` is no WIT package in binary form: "),
        "{text}"
    );
}

/// An unstable item exists only if its feature is enabled.
#[test]
fn unstable_items_are_left_out() {
    const GATED: &str = "
        package x:a@1.2.0;
        interface api {
            f: func();
            @since(version = 1.1.0)
            since: func();
            @unstable(feature = fancy)
            fancy-one: func();
        }
        world a { export api; @unstable(feature = fancy) import more: func(); }
    ";
    let root = tree(&[("wit/a.wit", GATED)]);
    let expand = |features: TokenStream| {
        let input = quote! {
            #features composition: Alone, components: { a: "x:a/a" }, exports: ["x:a/api"],
        };
        let expanded = run(input, root.path());
        (expanded.contains("fancy_one"), expanded)
    };
    let (has, expanded) = expand(quote!());
    assert!(!has && !expanded.contains("compile_error"), "{expanded}");
    assert!(expanded.contains("since"), "{expanded}");
    let (has, expanded) = expand(quote!(features: ["fancy"],));
    // With the feature, the function needs a provider. The code is there all the same.
    assert!(expanded.contains("imports `more`"), "{expanded}");
    assert!(has, "{expanded}");
    let (has, expanded) = expand(quote!(features: ["fancy"], open: ["more"],));
    assert!(has && !expanded.contains("compile_error"), "{expanded}");
}

#[test]
fn a_missing_package_says_where_it_is_looked_for() {
    // One file makes a package of the folder, so the folder beside it is not read.
    let root = tree(&[("wit/b.wit", B), ("wit/a/a.wit", A)]);
    let text = error(root.path(), ab(quote!("wit")));
    assert!(
        text.starts_with("the WIT is broken: package 'x:a' not found."),
        "{text}"
    );
    let fix = "\n  `wit` has files of a package of its own, so of its folders only `deps` is read, \
               and `wit/a` not: list what is meant under `path`, too\n  fix: put the WIT of `x:a` \
               into the folder `deps/x-a` beside the WIT that needs it, or list its folder under \
               `path`";
    assert!(text.ends_with(fix), "{text}");
    works(root.path(), quote!(["wit", "wit/a"]));

    let root = tree(&[("wit/a.wit", A), ("wit/b/b.wit", B)]);
    let text = error(root.path(), ab(quote!("wit")));
    assert!(
        text.starts_with("there is no world `x:b/b` in the WIT"),
        "{text}"
    );
    assert!(text.contains("and `wit/b` not"), "{text}");
}
