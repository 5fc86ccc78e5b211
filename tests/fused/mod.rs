//! Guests fused into one component at run time: they give the same answers as in stores
//! of their own, and fail together.

mod groups;
mod limited;
mod mistakes;
mod outside;
mod plans;
mod refused;
mod same;
mod typed;

use composer::fused::{FuseError, FusedComponents, FusedMember};
use composer::{ComposableDescriptor, Composer, Composition, CompositionError, PartError};

use crate::support::{engine, guest_path};

/// A guest as a member of a group.
fn member(name: &str) -> FusedMember {
    named(name, name)
}

/// A guest under another name.
fn named(name: &str, guest: &str) -> FusedMember {
    FusedMember::from_file(engine(), name, guest_path(guest)).unwrap()
}

/// A component in the text format.
fn text(name: &str, text: &str) -> FusedMember {
    let bytes = wat::parse_str(text).unwrap();
    FusedMember::from_bytes(engine(), name, bytes).unwrap()
}

/// A component whose function `export` calls its import `import`.
fn via(import: &str, export: &str) -> String {
    format!(
        r#"(component
            (import "{import}" (func $import))
            (core func $import (canon lower (func $import)))
            (core module $m
                (import "" "f" (func $f))
                (func (export "f") (call $f)))
            (core instance $i (instantiate $m
                (with "" (instance (export "f" (func $import))))))
            (func (export "{export}") (canon lift (core func $i "f"))))"#
    )
}

/// A group of these members, without a linker or a store of the embedder's.
fn group(members: impl IntoIterator<Item = FusedMember>) -> FusedComponents<()> {
    let mut group = FusedComponents::bare(engine());
    for member in members {
        group.add(member);
    }
    group
}

/// A composer with a part `group`.
fn composer(group: FusedComponents<()>) -> Composer {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("group", group));
    composer
}

/// A composition of a part `group`.
async fn compose(group: FusedComponents<()>) -> Composition {
    composer(group).compose().await.unwrap()
}

/// The error of a group that cannot be made, with the composer's full message.
#[track_caller]
fn error(group: FusedComponents<()>) -> (FuseError, String) {
    let CompositionError::Parts(errors) = composer(group).plan().unwrap_err() else {
        panic!("the group should be at fault");
    };
    let [PartError::Fused { component, error }] = errors.errors() else {
        panic!("{errors}");
    };
    assert_eq!(component, "group");
    ((**error).clone(), errors.to_string())
}
