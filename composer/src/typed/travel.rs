//! From what an embedder holds to what crosses, and back, for types with
//! resources in them.

use std::vec;

use wasmtime::component::ResourceAny;

use crate::composition::ExportFunc;
use crate::error::CallError;
use crate::transfer::Wire;
use crate::transfer::resources::{Crossing, ResourceHandle};
use crate::typed::face::{Face, blank};

/// A value that can be sent into a call.
pub trait Depart {
    /// The same with nothing of the embedder's in it.
    type Wire: Wire;

    /// Takes the resources out.
    fn depart(self, to: &mut Outbound) -> Self::Wire;
}

/// A value that can come out of a call.
pub trait Arrive: Sized {
    /// The same with nothing of the embedder's in it.
    type Wire: Wire;

    /// Puts the resources in.
    ///
    /// # Errors
    ///
    /// [`CallError::Transfer`] if there are not as many as there should be.
    fn arrive(wire: Self::Wire, from: &mut Inbound) -> Result<Self, CallError>;
}

/// The resources of a call's arguments, in order.
#[derive(Default)]
pub struct Outbound {
    pub(super) handles: Vec<Crossing>,
}

impl Outbound {
    /// No resources yet.
    pub fn new() -> Self {
        Outbound::default()
    }

    /// Gives a resource away.
    pub fn own(&mut self, resource: ResourceHandle) -> ResourceAny {
        self.handles.push(Crossing::Own(resource.0));
        blank()
    }

    /// Lends a resource.
    pub fn borrow(&mut self, resource: &ResourceHandle) -> ResourceAny {
        self.handles.push(Crossing::Borrow(resource.0.lend()));
        blank()
    }
}

/// The resources of a call's results, in order.
pub struct Inbound {
    face: Face,
    func: ExportFunc,
    handles: vec::IntoIter<Crossing>,
}

impl Inbound {
    pub(super) fn new(face: &Face, func: &ExportFunc, handles: Vec<Crossing>) -> Self {
        Inbound {
            face: face.clone(),
            func: func.clone(),
            handles: handles.into_iter(),
        }
    }

    /// The next resource.
    ///
    /// # Errors
    ///
    /// [`CallError::Transfer`] if there is none.
    pub fn own(&mut self) -> Result<ResourceHandle, CallError> {
        match self.handles.next() {
            Some(Crossing::Own(owned)) => Ok(ResourceHandle(owned)),
            _ => Err(self.missing()),
        }
    }

    fn missing(&self) -> CallError {
        CallError::Transfer {
            site: self.func.site(),
            reason: "a resource is missing in its results".to_owned(),
        }
    }

    /// Where the methods of the resources are found.
    pub fn face(&self) -> Face {
        self.face.clone()
    }
}

impl Depart for ResourceHandle {
    type Wire = ResourceAny;

    fn depart(self, to: &mut Outbound) -> ResourceAny {
        to.own(self)
    }
}

impl Depart for &ResourceHandle {
    type Wire = ResourceAny;

    fn depart(self, to: &mut Outbound) -> ResourceAny {
        to.borrow(self)
    }
}

impl Arrive for ResourceHandle {
    type Wire = ResourceAny;

    fn arrive(_: ResourceAny, from: &mut Inbound) -> Result<Self, CallError> {
        from.own()
    }
}

impl<D: Depart> Depart for Vec<D> {
    type Wire = Vec<D::Wire>;

    fn depart(self, to: &mut Outbound) -> Self::Wire {
        self.into_iter().map(|value| value.depart(to)).collect()
    }
}

impl<A: Arrive> Arrive for Vec<A> {
    type Wire = Vec<A::Wire>;

    fn arrive(wire: Self::Wire, from: &mut Inbound) -> Result<Self, CallError> {
        wire.into_iter().map(|wire| A::arrive(wire, from)).collect()
    }
}

impl<D: Depart, const N: usize> Depart for [D; N] {
    type Wire = [D::Wire; N];

    fn depart(self, to: &mut Outbound) -> Self::Wire {
        self.map(|value| value.depart(to))
    }
}

impl<A: Arrive, const N: usize> Arrive for [A; N] {
    type Wire = [A::Wire; N];

    fn arrive(wire: Self::Wire, from: &mut Inbound) -> Result<Self, CallError> {
        let values: Result<Vec<A>, CallError> =
            wire.into_iter().map(|wire| A::arrive(wire, from)).collect();
        values?.try_into().map_err(|_| from.missing())
    }
}

impl<D: Depart> Depart for Option<D> {
    type Wire = Option<D::Wire>;

    fn depart(self, to: &mut Outbound) -> Self::Wire {
        self.map(|value| value.depart(to))
    }
}

impl<A: Arrive> Arrive for Option<A> {
    type Wire = Option<A::Wire>;

    fn arrive(wire: Self::Wire, from: &mut Inbound) -> Result<Self, CallError> {
        wire.map(|wire| A::arrive(wire, from)).transpose()
    }
}

impl<D: Depart, E: Depart> Depart for Result<D, E> {
    type Wire = Result<D::Wire, E::Wire>;

    fn depart(self, to: &mut Outbound) -> Self::Wire {
        match self {
            Ok(value) => Ok(value.depart(to)),
            Err(value) => Err(value.depart(to)),
        }
    }
}

impl<A: Arrive, E: Arrive> Arrive for Result<A, E> {
    type Wire = Result<A::Wire, E::Wire>;

    fn arrive(wire: Self::Wire, from: &mut Inbound) -> Result<Self, CallError> {
        Ok(match wire {
            Ok(wire) => Ok(A::arrive(wire, from)?),
            Err(wire) => Err(E::arrive(wire, from)?),
        })
    }
}

/// Values without resources travel as they are.
macro_rules! plain {
    ($($ty:ty),*) => {$(
        impl Depart for $ty {
            type Wire = Self;

            fn depart(self, _: &mut Outbound) -> Self {
                self
            }
        }

        impl Arrive for $ty {
            type Wire = Self;

            fn arrive(wire: Self, _: &mut Inbound) -> Result<Self, CallError> {
                Ok(wire)
            }
        }
    )*};
}

plain!(
    bool,
    u8,
    i8,
    u16,
    i16,
    u32,
    i32,
    u64,
    i64,
    f32,
    f64,
    char,
    String,
    ()
);

macro_rules! tuples {
    ($(($($t:ident)+))*) => {$(
        impl<$($t: Depart),+> Depart for ($($t,)+) {
            type Wire = ($($t::Wire,)+);

            #[allow(non_snake_case)]
            fn depart(self, to: &mut Outbound) -> Self::Wire {
                let ($($t,)+) = self;
                ($($t.depart(to),)+)
            }
        }

        impl<$($t: Arrive),+> Arrive for ($($t,)+) {
            type Wire = ($($t::Wire,)+);

            #[allow(non_snake_case)]
            fn arrive(wire: Self::Wire, from: &mut Inbound) -> Result<Self, CallError> {
                let ($($t,)+) = wire;
                Ok(($($t::arrive($t, from)?,)+))
            }
        }
    )*};
}

crate::typed::wire::each_tuple!(tuples);
