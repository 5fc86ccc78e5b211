//! Payloads: the items of streams, and the value of futures.

use std::sync::Arc;

#[cfg(not(feature = "fast-transfer"))]
use composer_plan::StreamItems;
use composer_plan::Type;

use crate::transfer::SidePaths;

/// What a stream or a future carries, as one component's types say it.
#[cfg_attr(
    not(feature = "fast-transfer"),
    allow(dead_code, reason = "only items that cross in bulk have handles")
)]
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    /// `None` if items have no value: all that counts is how many they are.
    pub(crate) ty: Option<Arc<Type>>,
    pub(crate) form: PayloadForm,
    /// The paths to handles in each item.
    pub(crate) handles: SidePaths,
}

/// The form in which items cross.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayloadForm {
    /// Items without a value.
    Units,
    /// Items of a stream that are `u8`.
    Bytes,
    /// In bulk. `grows` says whether items point to memory beside their own.
    #[cfg(feature = "fast-transfer")]
    Items { grows: bool },
    /// One by one, in the Rust type of the payload's.
    #[cfg(any(feature = "wasi-p3", not(feature = "fast-transfer")))]
    Typed,
    /// Not at all. Functions with such types are refused when they are linked.
    Nothing,
}

impl Payload {
    pub(crate) fn of_stream(ty: &Option<Arc<Type>>) -> Arc<Self> {
        Payload::new(
            ty,
            match ty.as_deref() {
                None => PayloadForm::Units,
                Some(Type::U8) => PayloadForm::Bytes,
                Some(ty) => PayloadForm::of_items(ty),
            },
        )
    }

    pub(crate) fn of_future(ty: &Option<Arc<Type>>) -> Arc<Self> {
        #[cfg(feature = "wasi-p3")]
        if ty.as_deref().is_some_and(crate::transfer::is_write_result) {
            return Payload::new(ty, PayloadForm::Typed);
        }
        Payload::new(
            ty,
            ty.as_deref()
                .map_or(PayloadForm::Units, PayloadForm::of_value),
        )
    }

    fn new(ty: &Option<Arc<Type>>, form: PayloadForm) -> Arc<Self> {
        Arc::new(Payload {
            ty: ty.clone(),
            form,
            handles: SidePaths::new(ty.as_deref().into_iter()),
        })
    }
}

impl PayloadForm {
    /// The form of a value that crosses alone. What else it could be would be no faster,
    /// and each form is one more copy of wasmtime's code to compile.
    #[cfg(feature = "fast-transfer")]
    fn of_value(ty: &Type) -> Self {
        match PayloadForm::of_items(ty) {
            PayloadForm::Items { .. } => PayloadForm::Items { grows: true },
            other => other,
        }
    }

    #[cfg(not(feature = "fast-transfer"))]
    fn of_value(ty: &Type) -> Self {
        PayloadForm::of_items(ty)
    }

    #[cfg(feature = "fast-transfer")]
    fn of_items(ty: &Type) -> Self {
        match crate::transfer::fast::count(ty) {
            None | Some(0) => PayloadForm::Nothing,
            Some(_) => PayloadForm::Items { grows: grows(ty) },
        }
    }

    #[cfg(not(feature = "fast-transfer"))]
    fn of_items(ty: &Type) -> Self {
        match StreamItems::Primitive.allows(Some(ty)) {
            true => PayloadForm::Typed,
            false => PayloadForm::Nothing,
        }
    }
}

/// Whether values of a type point to memory beside their own. The payloads of streams in
/// them are looked at when these cross.
#[cfg(feature = "fast-transfer")]
fn grows(ty: &Type) -> bool {
    match ty {
        Type::String | Type::List(_) | Type::Map(..) => true,
        Type::FixedLengthList(ty, _) | Type::Option(ty) => grows(ty),
        Type::Record(fields) => fields.iter().any(|(_, ty)| grows(ty)),
        Type::Tuple(types) => types.iter().any(grows),
        Type::Variant(cases) => cases.iter().filter_map(|(_, ty)| ty.as_ref()).any(grows),
        Type::Result(sides) => [&sides.0, &sides.1].into_iter().flatten().any(grows),
        _ => false,
    }
}
