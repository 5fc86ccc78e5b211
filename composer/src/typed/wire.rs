//! The implementations of `Wire` for Rust's own types.

use std::ops::ControlFlow;

use wasmtime::component::{ResourceAny, Val};

use crate::transfer::{HandleMut, Visit, Wire, blank, is_placeholder, placeholder};

macro_rules! plain {
    ($($ty:ty => $case:ident)*) => {$(
        impl Wire for $ty {
            fn into_val(self) -> Val {
                Val::$case(self)
            }

            fn from_val(val: Val) -> Option<Self> {
                match val {
                    Val::$case(value) => Some(value),
                    _ => None,
                }
            }
        }
    )*};
}

plain! {
    bool => Bool
    i8 => S8
    u8 => U8
    i16 => S16
    u16 => U16
    i32 => S32
    u32 => U32
    i64 => S64
    u64 => U64
    f32 => Float32
    f64 => Float64
    char => Char
    String => String
}

impl Wire for ResourceAny {
    const HANDLES: usize = 1;

    fn visit(&mut self, first: usize, visit: &mut Visit<'_>) -> ControlFlow<()> {
        visit(first, HandleMut::Resource(self))
    }

    fn into_val(self) -> Val {
        placeholder()
    }

    fn from_val(val: Val) -> Option<Self> {
        match val {
            // The handle already belongs to the store that the values enter.
            Val::Resource(any) => Some(any),
            val => is_placeholder(&val).then(blank::resource),
        }
    }
}

/// The readable ends of streams and futures, whatever their items are.
#[cfg(feature = "component-model-async")]
macro_rules! readable_ends {
    ($($ty:ident => $case:ident $blank:ident)*) => {$(
        impl Wire for wasmtime::component::$ty {
            const HANDLES: usize = 1;

            fn visit(&mut self, first: usize, visit: &mut Visit<'_>) -> ControlFlow<()> {
                visit(first, HandleMut::$case(self))
            }

            fn into_val(self) -> Val {
                placeholder()
            }

            fn from_val(val: Val) -> Option<Self> {
                match val {
                    // The handle already belongs to the store that the values enter.
                    Val::$case(any) => Some(any),
                    val => is_placeholder(&val).then(blank::$blank),
                }
            }
        }
    )*};
}

#[cfg(feature = "component-model-async")]
readable_ends! {
    StreamAny => Stream stream
    FutureAny => Future future
}

impl<W: Wire> Wire for Vec<W> {
    const HANDLES: usize = W::HANDLES;

    fn visit(&mut self, first: usize, visit: &mut Visit<'_>) -> ControlFlow<()> {
        if W::HANDLES == 0 {
            return ControlFlow::Continue(());
        }
        self.iter_mut()
            .try_for_each(|value| value.visit(first, visit))
    }

    fn into_val(self) -> Val {
        Val::List(self.into_iter().map(Wire::into_val).collect())
    }

    fn from_val(val: Val) -> Option<Self> {
        match val {
            Val::List(vals) => vals.into_iter().map(|v| W::from_val(v)).collect(),
            _ => None,
        }
    }
}

impl<W: Wire, const N: usize> Wire for [W; N] {
    const HANDLES: usize = W::HANDLES;

    fn visit(&mut self, first: usize, visit: &mut Visit<'_>) -> ControlFlow<()> {
        if W::HANDLES == 0 {
            return ControlFlow::Continue(());
        }
        self.iter_mut()
            .try_for_each(|value| value.visit(first, visit))
    }

    fn into_val(self) -> Val {
        Val::FixedLengthList(self.into_iter().map(Wire::into_val).collect())
    }

    fn from_val(val: Val) -> Option<Self> {
        let Val::FixedLengthList(vals) = val else {
            return None;
        };
        let values: Option<Vec<W>> = vals.into_iter().map(|v| W::from_val(v)).collect();
        values?.try_into().ok()
    }
}

impl<W: Wire> Wire for Option<W> {
    const HANDLES: usize = W::HANDLES;

    fn visit(&mut self, first: usize, visit: &mut Visit<'_>) -> ControlFlow<()> {
        match self {
            Some(value) => value.visit(first, visit),
            None => ControlFlow::Continue(()),
        }
    }

    fn into_val(self) -> Val {
        Val::Option(self.map(|value| Box::new(value.into_val())))
    }

    fn from_val(val: Val) -> Option<Self> {
        match val {
            Val::Option(None) => Some(None),
            Val::Option(Some(val)) => Some(Some(W::from_val(*val)?)),
            _ => None,
        }
    }
}

impl<W: Wire, E: Wire> Wire for Result<W, E> {
    const HANDLES: usize = W::HANDLES + E::HANDLES;

    fn visit(&mut self, first: usize, visit: &mut Visit<'_>) -> ControlFlow<()> {
        match self {
            Ok(value) => value.visit(first, visit),
            Err(value) => value.visit(first + W::HANDLES, visit),
        }
    }

    fn into_val(self) -> Val {
        Val::Result(match self {
            Ok(value) => Ok(into_payload(value)),
            Err(value) => Err(into_payload(value)),
        })
    }

    fn from_val(val: Val) -> Option<Self> {
        match val {
            Val::Result(Ok(val)) => Some(Ok(from_payload(val)?)),
            Val::Result(Err(val)) => Some(Err(from_payload(val)?)),
            _ => None,
        }
    }
}

/// A side of a `result` that has no type is `()` in Rust, and no value in a
/// dynamic result.
fn into_payload(value: impl Wire) -> Option<Box<Val>> {
    match value.into_val() {
        Val::Tuple(vals) if vals.is_empty() => None,
        val => Some(Box::new(val)),
    }
}

fn from_payload<W: Wire>(val: Option<Box<Val>>) -> Option<W> {
    W::from_val(val.map_or(Val::Tuple(Vec::new()), |val| *val))
}

/// Calls a macro with the letters of every tuple that a function of wasmtime
/// can have for arguments.
macro_rules! each_tuple {
    ($macro:ident) => {
        $macro! {
            (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G)
            (A B C D E F G H) (A B C D E F G H I) (A B C D E F G H I J)
            (A B C D E F G H I J K) (A B C D E F G H I J K L)
            (A B C D E F G H I J K L M) (A B C D E F G H I J K L M N)
            (A B C D E F G H I J K L M N O) (A B C D E F G H I J K L M N O P)
        }
    };
}
pub(crate) use each_tuple;

macro_rules! tuples {
    ($(($($t:ident)+))*) => {$(
        impl<$($t: Wire),+> Wire for ($($t,)+) {
            const HANDLES: usize = 0 $(+ $t::HANDLES)+;

            #[allow(non_snake_case, unused_assignments)]
            fn visit(&mut self, first: usize, visit: &mut Visit<'_>) -> ControlFlow<()> {
                let mut place = first;
                let ($($t,)+) = self;
                $(
                    $t.visit(place, visit)?;
                    place += <$t as Wire>::HANDLES;
                )+
                ControlFlow::Continue(())
            }

            #[allow(non_snake_case)]
            fn into_val(self) -> Val {
                let ($($t,)+) = self;
                Val::Tuple(vec![$($t.into_val()),+])
            }

            #[allow(non_snake_case)]
            fn from_val(val: Val) -> Option<Self> {
                let Val::Tuple(vals) = val else {
                    return None;
                };
                let mut vals = vals.into_iter();
                $(let $t = $t::from_val(vals.next()?)?;)+
                vals.next().is_none().then_some(($($t,)+))
            }
        }
    )*};
}

each_tuple!(tuples);

impl Wire for () {
    fn into_val(self) -> Val {
        Val::Tuple(Vec::new())
    }

    fn from_val(val: Val) -> Option<Self> {
        matches!(val, Val::Tuple(vals) if vals.is_empty()).then_some(())
    }
}
