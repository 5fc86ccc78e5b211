/// The parts of a [`Checkout`], a field for each component.
pub struct CheckoutParts<CatalogPart, TaxEuPart, TaxUsPart, TillPart, OthersPart> {
    /// A component of the world `shop:all/catalog@1.0.0`.
    ///
    /// A component that knows the prices.
    pub catalog: CatalogPart,
    /// A component of the world `shop:all/tax@1.0.0`.
    ///
    /// A component that knows the rates.
    pub tax_eu: TaxEuPart,
    /// A component of the world `shop:all/tax@1.0.0`.
    ///
    /// A component that knows the rates.
    pub tax_us: TaxUsPart,
    /// A component of the world `shop:all/till@1.0.0`.
    ///
    /// Where the customer pays.
    ///
    /// It needs everything.
    pub till: TillPart,
    /// Components that each export `shop:all/rates@1.0.0`, with their names.
    pub others: ::std::vec::Vec<(::std::string::String, OthersPart)>,
}
impl CheckoutParts<(), (), (), (), ()> {
    /// A part that takes the place of `catalog` in a [`Checkout`].
    ///
    /// Give it to `ComponentHandle::replace`.
    ///
    /// # Errors
    ///
    /// `PartError::Host` if its linker does not take what the program
    /// provides. That it is what was declared is checked when it is given
    /// away.
    pub fn catalog<Part>(
        part: Part,
    ) -> ::core::result::Result<
        crate::inner::composer::ComposableDescriptor,
        crate::inner::composer::PartError,
    >
    where
        Part: crate::inner::composer::Composable + 'static,
    {
        crate::inner::composer::private::one_part(
            checkout::glue::DECLARED,
            "catalog",
            part,
            &checkout::glue::CatalogPart,
        )
    }
    /// A part that takes the place of `tax_eu` in a [`Checkout`].
    ///
    /// Give it to `ComponentHandle::replace`.
    ///
    /// # Errors
    ///
    /// `PartError::Host` if its linker does not take what the program
    /// provides. That it is what was declared is checked when it is given
    /// away.
    pub fn tax_eu<Part>(
        part: Part,
    ) -> ::core::result::Result<
        crate::inner::composer::ComposableDescriptor,
        crate::inner::composer::PartError,
    >
    where
        Part: crate::inner::composer::Composable + 'static,
    {
        crate::inner::composer::private::one_part(
            checkout::glue::DECLARED,
            "tax_eu",
            part,
            &checkout::glue::TaxEuPart,
        )
    }
    /// A part that takes the place of `tax_us` in a [`Checkout`].
    ///
    /// Give it to `ComponentHandle::replace`.
    ///
    /// # Errors
    ///
    /// `PartError::Host` if its linker does not take what the program
    /// provides. That it is what was declared is checked when it is given
    /// away.
    pub fn tax_us<Part>(
        part: Part,
    ) -> ::core::result::Result<
        crate::inner::composer::ComposableDescriptor,
        crate::inner::composer::PartError,
    >
    where
        Part: crate::inner::composer::Composable + 'static,
    {
        crate::inner::composer::private::one_part(
            checkout::glue::DECLARED,
            "tax_us",
            part,
            &checkout::glue::TaxUsPart,
        )
    }
    /// A part that takes the place of `till` in a [`Checkout`].
    ///
    /// Give it to `ComponentHandle::replace`.
    ///
    /// # Errors
    ///
    /// `PartError::Host` if its linker does not take what the program
    /// provides. That it is what was declared is checked when it is given
    /// away.
    pub fn till<Part>(
        part: Part,
    ) -> ::core::result::Result<
        crate::inner::composer::ComposableDescriptor,
        crate::inner::composer::PartError,
    >
    where
        Part: crate::inner::composer::Composable + 'static,
    {
        crate::inner::composer::private::one_part(
            checkout::glue::DECLARED,
            "till",
            part,
            &checkout::glue::TillPart,
        )
    }
    /// A part of this name for the list `others` of a [`Checkout`].
    ///
    /// Give it to `List::add` or `List::replace`.
    ///
    /// # Errors
    ///
    /// `PartError::Host` if its linker does not take what the program
    /// provides. That it is what was declared is checked when it is given
    /// away.
    pub fn others<Part>(
        name: &str,
        part: Part,
    ) -> ::core::result::Result<
        crate::inner::composer::ComposableDescriptor,
        crate::inner::composer::PartError,
    >
    where
        Part: crate::inner::composer::Composable + 'static,
    {
        crate::inner::composer::private::one_part_of(
            checkout::glue::DECLARED,
            "others",
            name,
            part,
            &checkout::glue::OthersPart,
        )
    }
}
/// A composition of `catalog`, `tax_eu`, `tax_us`, `till`, `others`.
///
/// It is a handle: cloning it is cheap, and when the last one is gone, its components end.
///
/// It exports:
///
/// - `pay`
/// - `shop:all/prices@1.0.0`
/// - `shop:all/rates@1.0.0`
pub struct Checkout {
    handles: ::std::sync::Arc<checkout::glue::Handles>,
    composition: crate::inner::composer::Composition,
}
#[allow(deprecated)]
impl Checkout {
    /// Composes the parts: providers start before their users, each in
    /// a store of its own, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// As for `Composer::compose`, and `PartError::Misfit` for each part
    /// that does not fit the world it was declared with. That is checked
    /// before anything runs.
    pub async fn compose<CatalogPart, TaxEuPart, TaxUsPart, TillPart, OthersPart>(
        parts: CheckoutParts<CatalogPart, TaxEuPart, TaxUsPart, TillPart, OthersPart>,
    ) -> ::core::result::Result<Self, crate::inner::composer::CompositionError>
    where
        CatalogPart: crate::inner::composer::Composable + 'static,
        TaxEuPart: crate::inner::composer::Composable + 'static,
        TaxUsPart: crate::inner::composer::Composable + 'static,
        TillPart: crate::inner::composer::Composable + 'static,
        OthersPart: crate::inner::composer::Composable + 'static,
    {
        Self::prepare(parts)?.compose().await
    }
    /// Does all that comes before the parts are started, once for any
    /// number of compositions.
    ///
    /// # Errors
    ///
    /// As for `Composer::prepare`, and `PartError::Misfit` for each part
    /// that does not fit the world it was declared with.
    pub fn prepare<CatalogPart, TaxEuPart, TaxUsPart, TillPart, OthersPart>(
        parts: CheckoutParts<CatalogPart, TaxEuPart, TaxUsPart, TillPart, OthersPart>,
    ) -> ::core::result::Result<
        CheckoutPrepared,
        crate::inner::composer::CompositionError,
    >
    where
        CatalogPart: crate::inner::composer::Composable + 'static,
        TaxEuPart: crate::inner::composer::Composable + 'static,
        TaxUsPart: crate::inner::composer::Composable + 'static,
        TillPart: crate::inner::composer::Composable + 'static,
        OthersPart: crate::inner::composer::Composable + 'static,
    {
        let mut wiring = crate::inner::composer::private::Wiring::new(
                checkout::glue::DECLARED,
            )
            .part("catalog", parts.catalog, &checkout::glue::CatalogPart)
            .part("tax_eu", parts.tax_eu, &checkout::glue::TaxEuPart)
            .part("tax_us", parts.tax_us, &checkout::glue::TaxUsPart)
            .part("till", parts.till, &checkout::glue::TillPart);
        for (name, part) in parts.others {
            wiring = wiring.part_of("others", &name, part, &checkout::glue::OthersPart);
        }
        ::core::result::Result::Ok(CheckoutPrepared {
            prepared: wiring.prepare()?,
        })
    }
    /// Takes a composition that was made in another way, if it exports
    /// all that this one declares, with the same types.
    ///
    /// # Errors
    ///
    /// `LookupError` for an export that is not there or of several
    /// components, or `PartError::Misfit` for each that has another type.
    pub fn from_composition(
        composition: crate::inner::composer::Composition,
    ) -> ::core::result::Result<Self, crate::inner::composer::CompositionError> {
        crate::inner::composer::private::check_exports(
            &composition,
            checkout::glue::DECLARED,
        )?;
        ::core::result::Result::Ok(
            <Self as crate::inner::composer::private::TypedComposition>::from_parts(
                ::core::option::Option::None,
                composition,
            ),
        )
    }
    /// A handle that does not keep the composition running, for what calls back
    /// into it.
    pub fn downgrade(&self) -> crate::inner::composer::WeakHandle<Self> {
        crate::inner::composer::WeakHandle::new(::core::clone::Clone::clone(self))
    }
    /// The composition itself, for lookups by name, status and shutdown.
    pub fn composition(&self) -> &crate::inner::composer::Composition {
        &self.composition
    }
    /// The functions of `shop:all/prices@1.0.0`.
    pub fn prices(&self) -> checkout::shop::all::prices::Exports {
        ::core::convert::From::from(
            ::core::clone::Clone::clone(&self.handles.function_table),
        )
    }
    /// The functions of `shop:all/rates@1.0.0`.
    pub fn rates(&self) -> checkout::shop::all::rates::Exports {
        ::core::convert::From::from(
            ::core::clone::Clone::clone(&self.handles.function_table),
        )
    }
    /// The components of the list `others`, which may change while the composition runs.
    pub fn others(
        &self,
    ) -> &crate::inner::composer::List<checkout::shop::all::rates::Exports> {
        &self.handles.list_others
    }
    /// Calls `pay`.
    ///
    /// # Errors
    ///
    /// `CallError`, if the call itself fails.
    pub async fn pay(
        &self,
        amounts: impl ::core::convert::Into<::std::vec::Vec<u32>>,
    ) -> ::core::result::Result<
        ::std::string::String,
        crate::inner::composer::private::CallError,
    > {
        let (result,) = self
            .handles
            .function_table
            .call(
                &checkout::shop::all::till::wire::PAY,
                (::core::convert::Into::into(amounts),),
            )
            .await?;
        ::core::result::Result::Ok(result)
    }
}
impl ::core::clone::Clone for Checkout {
    fn clone(&self) -> Self {
        Self {
            handles: ::core::clone::Clone::clone(&self.handles),
            composition: ::core::clone::Clone::clone(&self.composition),
        }
    }
}
impl crate::inner::composer::private::TypedComposition for Checkout {
    type Handles = checkout::glue::Handles;
    fn into_parts(
        self,
    ) -> (::std::sync::Arc<Self::Handles>, crate::inner::composer::Composition) {
        (self.handles, self.composition)
    }
    fn from_parts(
        handles: ::core::option::Option<::std::sync::Arc<Self::Handles>>,
        composition: crate::inner::composer::Composition,
    ) -> Self {
        let find = || ::std::sync::Arc::new(checkout::glue::Handles::new(&composition));
        Self {
            handles: handles.unwrap_or_else(find),
            composition,
        }
    }
}
/// A [`Checkout`] that can be composed any number of times.
///
/// It is a handle: cloning it is cheap, and it keeps nothing running.
#[derive(Clone)]
pub struct CheckoutPrepared {
    prepared: crate::inner::composer::PreparedComposition,
}
impl CheckoutPrepared {
    /// Starts a composition: providers start before their users, each in
    /// a store of its own, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// As for `PreparedComposition::compose`.
    pub async fn compose(
        &self,
    ) -> ::core::result::Result<Checkout, crate::inner::composer::CompositionError> {
        let composition = self.prepared.compose().await?;
        ::core::result::Result::Ok(
            <Checkout as crate::inner::composer::private::TypedComposition>::from_parts(
                ::core::option::Option::None,
                composition,
            ),
        )
    }
    /// The same without its types, for its plan and for nesting.
    pub fn prepared(&self) -> &crate::inner::composer::PreparedComposition {
        &self.prepared
    }
}
/// The types and interfaces of [`Checkout`].
#[allow(clippy::type_complexity, deprecated)]
pub mod checkout {
    use crate::inner::composer::private;
    /// Packages of `shop`.
    pub mod shop {
        use super::private;
        /// The package `shop:all@1.0.0`.
        pub mod all {
            use super::private;
            /// The interface `shop:all/prices@1.0.0`.
            pub mod prices {
                #[allow(unused_imports)]
                use super::private::{self, prelude::*};
                /// What can go wrong.
                ///
                /// Since version 1.0.0.
                #[deprecated(since = "1.0.0")]
                #[derive(
                    Clone,
                    Copy,
                    Debug,
                    PartialEq,
                    Eq,
                    PartialOrd,
                    Ord,
                    Hash,
                    serde::Serialize,
                    private::ComponentType,
                    private::Lift,
                    private::Lower,
                    private::Wire
                )]
                #[component(enum)]
                #[component(wasmtime_crate = private::wasmtime)]
                #[wire(private)]
                #[repr(u8)]
                pub enum Problem {
                    /// The case `unknown`.
                    #[component(name = "unknown")]
                    Unknown,
                    /// The case `sold-out`.
                    #[component(name = "sold-out")]
                    SoldOut,
                }
                impl core::fmt::Display for Problem {
                    fn fmt(
                        &self,
                        f: &mut core::fmt::Formatter<'_>,
                    ) -> core::fmt::Result {
                        f.write_str(
                            match self {
                                Self::Unknown => "unknown",
                                Self::SoldOut => "sold-out",
                            },
                        )
                    }
                }
                impl core::error::Error for Problem {}
                /// The resource `basket`.
                ///
                /// Dropping it runs its destructor, as soon as its component is free.
                #[derive(Debug)]
                pub struct Basket {
                    function_table: private::FunctionTable,
                    handle: private::ResourceHandle,
                }
                impl Basket {
                    /// Makes one, by the constructor of the component behind `exports`, as [`Exports::basket`] does.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn new(
                        exports: &Exports,
                    ) -> Result<Basket, private::CallError> {
                        exports.basket().await
                    }
                    /// Calls `[method]basket.add`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn add(
                        &self,
                        sku: impl Into<String>,
                        quantity: u32,
                    ) -> Result<Result<(), Problem>, private::CallError> {
                        let mut outbound = private::OutboundResources::new();
                        let args = (
                            private::IntoWire::into_wire(self, &mut outbound),
                            sku.into(),
                            quantity,
                        );
                        let ((result,), _) = self
                            .function_table
                            .call_with_resources(&wire::BASKET__ADD, args, outbound)
                            .await?;
                        Ok(result)
                    }
                    /// The resource without its type.
                    pub fn into_handle(self) -> private::ResourceHandle {
                        self.handle
                    }
                }
                impl private::IntoWire for Basket {
                    type Wire = private::ResourceAny;
                    fn into_wire(
                        self,
                        to: &mut private::OutboundResources,
                    ) -> Self::Wire {
                        to.own(self.handle)
                    }
                }
                impl private::IntoWire for &Basket {
                    type Wire = private::ResourceAny;
                    fn into_wire(
                        self,
                        to: &mut private::OutboundResources,
                    ) -> Self::Wire {
                        to.borrow(&self.handle)
                    }
                }
                impl private::FromWire for Basket {
                    type Wire = private::ResourceAny;
                    fn from_wire(
                        _: Self::Wire,
                        from: &mut private::InboundResources,
                    ) -> Result<Self, private::CallError> {
                        Ok(Self {
                            handle: from.own()?,
                            function_table: from.functions(),
                        })
                    }
                }
                /// How a parcel is handled.
                ///
                /// - `FRAGILE`
                /// - `THIS_SIDE_UP`: To be kept upright.
                pub use self::flags_marks_::Marks;
                #[allow(missing_docs)]
                mod flags_marks_ {
                    use super::private::{self, prelude::*};
                    private::wasmtime::component::flags! {
                        Marks { #[component(name = "fragile")] const FRAGILE;
                        #[component(name = "this-side-up")] const THIS_SIDE_UP; }
                    }
                    const ALL: &[(&str, Marks)] = &[
                        ("fragile", Marks::FRAGILE),
                        ("this-side-up", Marks::THIS_SIDE_UP),
                    ];
                    impl private::Wire for Marks {
                        fn into_val(self) -> private::Val {
                            private::flags_val(ALL, |flag| self.contains(flag))
                        }
                        fn from_val(val: private::Val) -> Option<Self> {
                            let set = private::flags_set(val, ALL)?;
                            Some(
                                set.into_iter().fold(Self::empty(), |all, flag| all | flag),
                            )
                        }
                    }
                    impl private::IntoWire for Marks {
                        type Wire = Self;
                        fn into_wire(self, _: &mut private::OutboundResources) -> Self {
                            self
                        }
                    }
                    impl private::FromWire for Marks {
                        type Wire = Self;
                        fn from_wire(
                            wire: Self,
                            _: &mut private::InboundResources,
                        ) -> Result<Self, private::CallError> {
                            Ok(wire)
                        }
                    }
                }
                /// The type `parcel`.
                #[derive(Debug)]
                pub struct Parcel {
                    /// The field `basket`.
                    pub basket: Basket,
                    /// The field `marks`.
                    pub marks: Marks,
                }
                impl private::IntoWire for Parcel {
                    type Wire = wire::Parcel;
                    fn into_wire(
                        self,
                        to: &mut private::OutboundResources,
                    ) -> Self::Wire {
                        wire::Parcel {
                            basket: private::IntoWire::into_wire(self.basket, to),
                            marks: private::IntoWire::into_wire(self.marks, to),
                        }
                    }
                }
                impl private::FromWire for Parcel {
                    type Wire = wire::Parcel;
                    fn from_wire(
                        wire: Self::Wire,
                        from: &mut private::InboundResources,
                    ) -> Result<Self, private::CallError> {
                        Ok(Self {
                            basket: private::FromWire::from_wire(wire.basket, from)?,
                            marks: private::FromWire::from_wire(wire.marks, from)?,
                        })
                    }
                }
                /// The type `price`.
                #[derive(
                    Clone,
                    Debug,
                    PartialEq,
                    Eq,
                    Hash,
                    serde::Serialize,
                    private::ComponentType,
                    private::Lift,
                    private::Lower,
                    private::Wire
                )]
                #[component(record)]
                #[component(wasmtime_crate = private::wasmtime)]
                #[wire(private)]
                pub struct Price {
                    /// The field `sku`.
                    #[component(name = "sku")]
                    pub sku: String,
                    /// The field `amount`.
                    #[component(name = "amount")]
                    pub amount: u32,
                }
                /// The functions of `shop:all/prices@1.0.0`.
                #[derive(Clone, Debug)]
                pub struct Exports {
                    function_table: private::FunctionTable,
                }
                impl Exports {
                    /// Calls `[constructor]basket`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn basket(&self) -> Result<Basket, private::CallError> {
                        let outbound = private::OutboundResources::new();
                        let args = ();
                        let ((result,), mut inbound) = self
                            .function_table
                            .call_with_resources(&wire::BASKET, args, outbound)
                            .await?;
                        private::FromWire::from_wire(result, &mut inbound)
                    }
                    /// Calls `cheapest`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn cheapest(
                        &self,
                    ) -> Result<Option<Price>, private::CallError> {
                        let (result,) = self
                            .function_table
                            .call(&wire::CHEAPEST, ())
                            .await?;
                        Ok(result)
                    }
                    /// Calls `total`.
                    ///
                    /// Since version 1.0.0.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    #[deprecated(since = "1.0.0")]
                    pub async fn total(
                        &self,
                        basket: &Basket,
                    ) -> Result<Option<u32>, private::CallError> {
                        let mut outbound = private::OutboundResources::new();
                        let args = (
                            private::IntoWire::into_wire(basket, &mut outbound),
                        );
                        let ((result,), _) = self
                            .function_table
                            .call_with_resources(&wire::TOTAL, args, outbound)
                            .await?;
                        Ok(result)
                    }
                    /// Calls `pack`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn pack(
                        &self,
                        parcels: impl Into<Vec<Parcel>>,
                    ) -> Result<Result<Parcel, Problem>, private::CallError> {
                        let mut outbound = private::OutboundResources::new();
                        let args = (
                            private::IntoWire::into_wire(parcels.into(), &mut outbound),
                        );
                        let ((result,), mut inbound) = self
                            .function_table
                            .call_with_resources(&wire::PACK, args, outbound)
                            .await?;
                        private::FromWire::from_wire(result, &mut inbound)
                    }
                    /// Calls `same`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn same<'a>(
                        &self,
                        baskets: impl Into<Vec<&'a Basket>>,
                        marks: Marks,
                    ) -> Result<bool, private::CallError> {
                        let mut outbound = private::OutboundResources::new();
                        let args = (
                            private::IntoWire::into_wire(baskets.into(), &mut outbound),
                            marks,
                        );
                        let ((result,), _) = self
                            .function_table
                            .call_with_resources(&wire::SAME, args, outbound)
                            .await?;
                        Ok(result)
                    }
                }
                #[doc(hidden)]
                impl From<private::FunctionTable> for Exports {
                    fn from(function_table: private::FunctionTable) -> Self {
                        Self { function_table }
                    }
                }
                /// What crosses.
                #[doc(hidden)]
                pub mod wire {
                    #[allow(unused_imports)]
                    use super::private::{self, prelude::*};
                    #[derive(
                        private::ComponentType,
                        private::Lift,
                        private::Lower,
                        private::Wire
                    )]
                    #[component(record)]
                    #[component(wasmtime_crate = private::wasmtime)]
                    #[wire(private, inner)]
                    pub struct Parcel {
                        #[component(name = "basket")]
                        pub basket: private::ResourceAny,
                        #[component(name = "marks")]
                        pub marks: super::Marks,
                    }
                    const INTERFACE: Option<&str> = Some("shop:all/prices@1.0.0");
                    pub const BASKET: private::Function<(), (private::ResourceAny,)> = private::Function::new(
                        0,
                        INTERFACE,
                        "[constructor]basket",
                    );
                    pub const BASKET__ADD: private::Function<
                        (private::ResourceAny, String, u32),
                        (Result<(), super::Problem>,),
                    > = private::Function::new(1, INTERFACE, "[method]basket.add");
                    pub const CHEAPEST: private::Function<(), (Option<super::Price>,)> = private::Function::new(
                        2,
                        INTERFACE,
                        "cheapest",
                    );
                    pub const TOTAL: private::Function<
                        (private::ResourceAny,),
                        (Option<u32>,),
                    > = private::Function::new(3, INTERFACE, "total");
                    pub const PACK: private::Function<
                        (Vec<Parcel>,),
                        (Result<Parcel, super::Problem>,),
                    > = private::Function::new(4, INTERFACE, "pack");
                    pub const SAME: private::Function<
                        (Vec<private::ResourceAny>, super::Marks),
                        (bool,),
                    > = private::Function::new(5, INTERFACE, "same");
                    pub fn exported<T: Send + 'static>(
                        registry: &mut private::TypedRegistry<T>,
                    ) {
                        registry.export(&BASKET);
                        registry.export(&BASKET__ADD);
                        registry.export(&CHEAPEST);
                        registry.export(&TOTAL);
                        registry.export(&PACK);
                        registry.export(&SAME);
                    }
                    pub fn imported<T: Send + 'static>(
                        registry: &mut private::TypedRegistry<T>,
                    ) {
                        registry.import(&BASKET);
                        registry.import(&BASKET__ADD);
                        registry.import(&CHEAPEST);
                        registry.import(&TOTAL);
                        registry.import(&PACK);
                        registry.import(&SAME);
                    }
                }
            }
            /// The interface `shop:all/rates@1.0.0`.
            pub mod rates {
                #[allow(unused_imports)]
                use super::private::{self, prelude::*};
                /// The functions of `shop:all/rates@1.0.0`.
                #[derive(Clone, Debug)]
                pub struct Exports {
                    function_table: private::FunctionTable,
                }
                impl Exports {
                    /// Calls `rate`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn rate(
                        &self,
                        sku: impl Into<String>,
                    ) -> Result<(u32, bool), private::CallError> {
                        let (result,) = self
                            .function_table
                            .call(&wire::RATE, (sku.into(),))
                            .await?;
                        Ok(result)
                    }
                }
                #[doc(hidden)]
                impl From<private::FunctionTable> for Exports {
                    fn from(function_table: private::FunctionTable) -> Self {
                        Self { function_table }
                    }
                }
                /// What crosses.
                #[doc(hidden)]
                pub mod wire {
                    #[allow(unused_imports)]
                    use super::private::{self, prelude::*};
                    const INTERFACE: Option<&str> = Some("shop:all/rates@1.0.0");
                    pub const RATE: private::Function<(String,), ((u32, bool),)> = private::Function::new(
                        6,
                        INTERFACE,
                        "rate",
                    );
                    pub fn exported<T: Send + 'static>(
                        registry: &mut private::TypedRegistry<T>,
                    ) {
                        registry.export(&RATE);
                    }
                    pub fn imported<T: Send + 'static>(
                        registry: &mut private::TypedRegistry<T>,
                    ) {
                        registry.import_async(&RATE);
                    }
                }
            }
            /// Where the customer pays.
            ///
            /// It needs everything.
            pub mod till {
                #[allow(unused_imports)]
                use super::private::{self, prelude::*};
                /// What crosses.
                #[doc(hidden)]
                pub mod wire {
                    #[allow(unused_imports)]
                    use super::private::{self, prelude::*};
                    const INTERFACE: Option<&str> = None;
                    pub const PAY: private::Function<(Vec<u32>,), (String,)> = private::Function::new(
                        7,
                        INTERFACE,
                        "pay",
                    );
                    pub fn exported<T: Send + 'static>(
                        registry: &mut private::TypedRegistry<T>,
                    ) {
                        registry.export(&PAY);
                    }
                }
            }
        }
    }
    /// What the parts are told of their functions.
    #[doc(hidden)]
    pub mod glue {
        use super::private::{self, prelude::*};
        /// The functions that are called, each at the place that its constant says.
        pub const FUNCTIONS: &[private::FunctionName] = &[
            (Some("shop:all/prices@1.0.0"), "[constructor]basket"),
            (Some("shop:all/prices@1.0.0"), "[method]basket.add"),
            (Some("shop:all/prices@1.0.0"), "cheapest"),
            (Some("shop:all/prices@1.0.0"), "total"),
            (Some("shop:all/prices@1.0.0"), "pack"),
            (Some("shop:all/prices@1.0.0"), "same"),
            (Some("shop:all/rates@1.0.0"), "rate"),
            (None, "pay"),
        ];
        /// The functions of a composition, found once.
        pub struct Handles {
            pub function_table: private::FunctionTable,
            pub list_others: private::List<super::shop::all::rates::Exports>,
        }
        impl Handles {
            pub fn new(composition: &private::Composition) -> Self {
                let function_table = private::FunctionTable::new(composition, FUNCTIONS);
                Self {
                    list_others: private::List::new(
                        composition,
                        &DECLARED.components[4],
                        FUNCTIONS,
                        &function_table,
                    ),
                    function_table,
                }
            }
        }
        /// What `catalog` exports and imports.
        pub struct CatalogPart;
        impl private::TypedBindings for CatalogPart {
            fn functions<T: Send + 'static>(
                &self,
                registry: &mut private::TypedRegistry<T>,
            ) {
                super::shop::all::prices::wire::exported(registry);
            }
        }
        /// What `tax_eu` exports and imports.
        pub struct TaxEuPart;
        impl private::TypedBindings for TaxEuPart {
            fn functions<T: Send + 'static>(
                &self,
                registry: &mut private::TypedRegistry<T>,
            ) {
                super::shop::all::rates::wire::exported(registry);
            }
        }
        /// What `tax_us` exports and imports.
        pub struct TaxUsPart;
        impl private::TypedBindings for TaxUsPart {
            fn functions<T: Send + 'static>(
                &self,
                registry: &mut private::TypedRegistry<T>,
            ) {
                super::shop::all::rates::wire::exported(registry);
            }
        }
        /// What `till` exports and imports.
        pub struct TillPart;
        impl private::TypedBindings for TillPart {
            fn functions<T: Send + 'static>(
                &self,
                registry: &mut private::TypedRegistry<T>,
            ) {
                super::shop::all::till::wire::exported(registry);
                super::shop::all::prices::wire::imported(registry);
                super::shop::all::rates::wire::imported(registry);
            }
        }
        /// What `others` exports and imports.
        pub struct OthersPart;
        impl private::TypedBindings for OthersPart {
            fn functions<T: Send + 'static>(
                &self,
                registry: &mut private::TypedRegistry<T>,
            ) {
                super::shop::all::rates::wire::exported(registry);
            }
        }
        /// The composition as it was written, which its parts are held against.
        pub static DECLARED: &private::DeclaredComposition = {
            #[allow(unused_imports)]
            use private::{
                DeclaredComponent, DeclaredComposition,
                DeclaredExtern::{Defines, Function, Interface},
                DeclaredFunc::{Async, Sync},
                DeclaredKind, DeclaredResource::{Exported, Imported},
                DeclaredType::{
                    Bool, Borrow, Char, Enum, ErrorContext, F32, F64, FixedLengthList,
                    Flags, Future, List, Map, Maybe, Own, Record, Result, S8, S16, S32,
                    S64, Stream, String, Tuple, U8, U16, U32, U64, Variant,
                },
                DeclaredWorld,
            };
            &DeclaredComposition {
                components: &[
                    DeclaredComponent {
                        name: "catalog",
                        kind: DeclaredKind::World,
                        world: DeclaredWorld {
                            imports: &[],
                            exports: &[
                                (
                                    "shop:all/prices@1.0.0",
                                    Interface {
                                        funcs: &[
                                            ("[constructor]basket", Sync(&[], Some(Own(0)))),
                                            (
                                                "[method]basket.add",
                                                Sync(
                                                    &[("self", Borrow(0)), ("sku", String), ("quantity", U32)],
                                                    Some(Result(&None, &Some(Enum(&["unknown", "sold-out"])))),
                                                ),
                                            ),
                                            (
                                                "cheapest",
                                                Sync(
                                                    &[],
                                                    Some(Maybe(&Record(&[("sku", String), ("amount", U32)]))),
                                                ),
                                            ),
                                            (
                                                "pack",
                                                Sync(
                                                    &[
                                                        (
                                                            "parcels",
                                                            List(
                                                                &Record(
                                                                    &[
                                                                        ("basket", Own(0)),
                                                                        ("marks", Flags(&["fragile", "this-side-up"])),
                                                                    ],
                                                                ),
                                                            ),
                                                        ),
                                                    ],
                                                    Some(
                                                        Result(
                                                            &Some(
                                                                Record(
                                                                    &[
                                                                        ("basket", Own(0)),
                                                                        ("marks", Flags(&["fragile", "this-side-up"])),
                                                                    ],
                                                                ),
                                                            ),
                                                            &Some(Enum(&["unknown", "sold-out"])),
                                                        ),
                                                    ),
                                                ),
                                            ),
                                            (
                                                "same",
                                                Sync(
                                                    &[
                                                        ("baskets", List(&Borrow(0))),
                                                        ("marks", Flags(&["fragile", "this-side-up"])),
                                                    ],
                                                    Some(Bool),
                                                ),
                                            ),
                                            ("total", Sync(&[("basket", Borrow(0))], Some(Maybe(&U32)))),
                                        ],
                                        resources: &[("basket", 0)],
                                    },
                                ),
                            ],
                            resources: &[
                                Exported(Some("shop:all/prices@1.0.0"), "basket"),
                            ],
                        },
                        hints: &[],
                    },
                    DeclaredComponent {
                        name: "tax_eu",
                        kind: DeclaredKind::World,
                        world: DeclaredWorld {
                            imports: &[],
                            exports: &[
                                (
                                    "shop:all/rates@1.0.0",
                                    Interface {
                                        funcs: &[
                                            (
                                                "rate",
                                                Async(&[("sku", String)], Some(Tuple(&[U32, Bool]))),
                                            ),
                                        ],
                                        resources: &[],
                                    },
                                ),
                            ],
                            resources: &[],
                        },
                        hints: &[],
                    },
                    DeclaredComponent {
                        name: "tax_us",
                        kind: DeclaredKind::World,
                        world: DeclaredWorld {
                            imports: &[],
                            exports: &[
                                (
                                    "shop:all/rates@1.0.0",
                                    Interface {
                                        funcs: &[
                                            (
                                                "rate",
                                                Async(&[("sku", String)], Some(Tuple(&[U32, Bool]))),
                                            ),
                                        ],
                                        resources: &[],
                                    },
                                ),
                            ],
                            resources: &[],
                        },
                        hints: &[],
                    },
                    DeclaredComponent {
                        name: "till",
                        kind: DeclaredKind::World,
                        world: DeclaredWorld {
                            imports: &[
                                (
                                    "shop:all/prices@1.0.0",
                                    Interface {
                                        funcs: &[
                                            ("[constructor]basket", Sync(&[], Some(Own(0)))),
                                            (
                                                "[method]basket.add",
                                                Sync(
                                                    &[("self", Borrow(0)), ("sku", String), ("quantity", U32)],
                                                    Some(Result(&None, &Some(Enum(&["unknown", "sold-out"])))),
                                                ),
                                            ),
                                            (
                                                "cheapest",
                                                Sync(
                                                    &[],
                                                    Some(Maybe(&Record(&[("sku", String), ("amount", U32)]))),
                                                ),
                                            ),
                                            (
                                                "pack",
                                                Sync(
                                                    &[
                                                        (
                                                            "parcels",
                                                            List(
                                                                &Record(
                                                                    &[
                                                                        ("basket", Own(0)),
                                                                        ("marks", Flags(&["fragile", "this-side-up"])),
                                                                    ],
                                                                ),
                                                            ),
                                                        ),
                                                    ],
                                                    Some(
                                                        Result(
                                                            &Some(
                                                                Record(
                                                                    &[
                                                                        ("basket", Own(0)),
                                                                        ("marks", Flags(&["fragile", "this-side-up"])),
                                                                    ],
                                                                ),
                                                            ),
                                                            &Some(Enum(&["unknown", "sold-out"])),
                                                        ),
                                                    ),
                                                ),
                                            ),
                                            (
                                                "same",
                                                Sync(
                                                    &[
                                                        ("baskets", List(&Borrow(0))),
                                                        ("marks", Flags(&["fragile", "this-side-up"])),
                                                    ],
                                                    Some(Bool),
                                                ),
                                            ),
                                            ("total", Sync(&[("basket", Borrow(0))], Some(Maybe(&U32)))),
                                        ],
                                        resources: &[("basket", 0)],
                                    },
                                ),
                                (
                                    "shop:all/rates@1.0.0",
                                    Interface {
                                        funcs: &[
                                            (
                                                "rate",
                                                Async(&[("sku", String)], Some(Tuple(&[U32, Bool]))),
                                            ),
                                        ],
                                        resources: &[],
                                    },
                                ),
                            ],
                            exports: &[
                                (
                                    "pay",
                                    Function(Sync(&[("amounts", List(&U32))], Some(String))),
                                ),
                            ],
                            resources: &[
                                Imported(Some("shop:all/prices@1.0.0"), "basket"),
                            ],
                        },
                        hints: &[("shop:all/rates", "tax_eu", None)],
                    },
                    DeclaredComponent {
                        name: "others",
                        kind: DeclaredKind::Many,
                        world: DeclaredWorld {
                            imports: &[],
                            exports: &[
                                (
                                    "shop:all/rates@1.0.0",
                                    Interface {
                                        funcs: &[
                                            (
                                                "rate",
                                                Async(&[("sku", String)], Some(Tuple(&[U32, Bool]))),
                                            ),
                                        ],
                                        resources: &[],
                                    },
                                ),
                            ],
                            resources: &[],
                        },
                        hints: &[],
                    },
                ],
                open: &[],
                export_hints: &[("shop:all/rates", "tax_us")],
                exports: DeclaredWorld {
                    imports: &[],
                    exports: &[
                        (
                            "pay",
                            Function(Sync(&[("amounts", List(&U32))], Some(String))),
                        ),
                        (
                            "shop:all/prices@1.0.0",
                            Interface {
                                funcs: &[
                                    ("[constructor]basket", Sync(&[], Some(Own(0)))),
                                    (
                                        "[method]basket.add",
                                        Sync(
                                            &[("self", Borrow(0)), ("sku", String), ("quantity", U32)],
                                            Some(Result(&None, &Some(Enum(&["unknown", "sold-out"])))),
                                        ),
                                    ),
                                    (
                                        "cheapest",
                                        Sync(
                                            &[],
                                            Some(Maybe(&Record(&[("sku", String), ("amount", U32)]))),
                                        ),
                                    ),
                                    (
                                        "pack",
                                        Sync(
                                            &[
                                                (
                                                    "parcels",
                                                    List(
                                                        &Record(
                                                            &[
                                                                ("basket", Own(0)),
                                                                ("marks", Flags(&["fragile", "this-side-up"])),
                                                            ],
                                                        ),
                                                    ),
                                                ),
                                            ],
                                            Some(
                                                Result(
                                                    &Some(
                                                        Record(
                                                            &[
                                                                ("basket", Own(0)),
                                                                ("marks", Flags(&["fragile", "this-side-up"])),
                                                            ],
                                                        ),
                                                    ),
                                                    &Some(Enum(&["unknown", "sold-out"])),
                                                ),
                                            ),
                                        ),
                                    ),
                                    (
                                        "same",
                                        Sync(
                                            &[
                                                ("baskets", List(&Borrow(0))),
                                                ("marks", Flags(&["fragile", "this-side-up"])),
                                            ],
                                            Some(Bool),
                                        ),
                                    ),
                                    ("total", Sync(&[("basket", Borrow(0))], Some(Maybe(&U32)))),
                                ],
                                resources: &[("basket", 0)],
                            },
                        ),
                        (
                            "shop:all/rates@1.0.0",
                            Interface {
                                funcs: &[
                                    (
                                        "rate",
                                        Async(&[("sku", String)], Some(Tuple(&[U32, Bool]))),
                                    ),
                                ],
                                resources: &[],
                            },
                        ),
                    ],
                    resources: &[Exported(Some("shop:all/prices@1.0.0"), "basket")],
                },
            }
        };
    }
}
