//! The program's own resources among the values that cross.

use std::sync::Arc;

use wasmtime::component::ResourceAny;

use crate::boundary::resources::{LentResource, ResourceHandle, TransferredHandle};
use crate::error::CallError;
use crate::handles::{FromWire, InboundResources, IntoWire, OutboundResources};

/// A resource of the program's, given away.
impl<C: Send + Sync + 'static> IntoWire for Arc<C> {
    type Wire = ResourceAny;

    fn into_wire(self, to: &mut OutboundResources) -> ResourceAny {
        to.own(ResourceHandle::from_host(self))
    }
}

/// A resource of the program's, lent.
impl<C: Send + Sync + 'static> IntoWire for &Arc<C> {
    type Wire = ResourceAny;

    fn into_wire(self, to: &mut OutboundResources) -> ResourceAny {
        to.borrow(&ResourceHandle::from_host(self.clone()))
    }
}

impl<C: Send + Sync + 'static> FromWire for Arc<C> {
    type Wire = ResourceAny;

    fn from_wire(_: ResourceAny, from: &mut InboundResources) -> Result<Self, CallError> {
        let value = from.own()?.into_host();
        value.map_err(|_| from.missing("a resource of the program"))
    }
}

/// A resource of the program's that a component lends for a call.
pub struct LentHostValue<C>(pub Arc<C>);

impl<C: Send + Sync + 'static> FromWire for LentHostValue<C> {
    type Wire = ResourceAny;

    fn from_wire(_: ResourceAny, from: &mut InboundResources) -> Result<Self, CallError> {
        let lent = match from.handles.next() {
            Some(TransferredHandle::Borrow(LentResource::Host(lent))) => lent.entry().copied(),
            _ => None,
        };
        let value = lent.and_then(|value| value.downcast().ok());
        let value = value.ok_or_else(|| from.missing("a resource that is lent"))?;
        Ok(LentHostValue(*value))
    }
}
