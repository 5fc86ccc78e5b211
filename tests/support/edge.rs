//! An edge between two components, in bulk and one `Val` at a time.

use composer::{ComposableComponent, ComposableDescriptor, Composer, Composition};

use super::part;

const INTERFACES: [&str; 2] = ["test:values/echo@0.1.0", "test:values/echo-async@0.1.0"];

/// `values-relay` before `values`, in one composition: values cross between
/// them in bulk where they can.
pub(crate) async fn fast() -> Composition {
    compose(part("values-relay")).await
}

/// The same, but they cross as `Val`s.
pub(crate) async fn slow() -> Composition {
    compose(part("values-relay").one_by_one()).await
}

async fn compose(relay: ComposableComponent<()>) -> Composition {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("values", part("values")));
    composer.add(ComposableDescriptor::new("values-relay", relay));
    for interface in INTERFACES {
        composer.with_export_hint(interface, "values-relay");
    }
    composer.compose().await.unwrap()
}

/// The same as [`fast`], but the relay is nested, so that its import is bound
/// late.
pub(crate) async fn late() -> Composition {
    nested().compose().await.unwrap()
}

pub(crate) fn nested() -> Composer {
    let mut inner = Composer::new();
    inner.add(ComposableDescriptor::new(
        "values-relay",
        part("values-relay"),
    ));
    for interface in INTERFACES {
        inner.with_open_import(interface);
    }
    let mut outer = Composer::new();
    outer.add(ComposableDescriptor::new("values", part("values")));
    outer.add(ComposableDescriptor::new("relay", inner));
    for interface in INTERFACES {
        outer.with_export_hint(interface, "relay");
    }
    outer
}
