//! An edge between two components, in bulk and one `Val` at a time.

use composer::{ComposableDescriptor, Composer, Composition};

use super::part;

const INTERFACES: [&str; 2] = ["test:values/echo@0.1.0", "test:values/echo-async@0.1.0"];

/// `values-relay` before `values`, in one composition: values cross between
/// them in bulk where they can.
pub(crate) async fn fast() -> Composition {
    let mut composer = Composer::new();
    for name in ["values", "values-relay"] {
        composer.add(ComposableDescriptor::new(name, part(name)));
    }
    for interface in INTERFACES {
        composer.with_export_hint(interface, "values-relay");
    }
    composer.compose().await.unwrap()
}

/// The same, but the relay is nested, so that its import is bound late. What
/// its provider can take is not known in time, and values cross as `Val`s.
pub(crate) async fn slow() -> Composition {
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
    outer.compose().await.unwrap()
}
