/// The parts of a [`Feed`], a field for each component.
pub struct FeedParts<ShopPart, CustomerPart> {
    /// A component of the world `shop:all/shop@1.0.0`.
    pub shop: ShopPart,
    /// A component of the world `shop:all/customer@1.0.0`.
    pub customer: CustomerPart,
}
impl FeedParts<(), ()> {
    /// A part that takes the place of `shop` in a [`Feed`].
    ///
    /// Give it to `ComponentHandle::replace`.
    ///
    /// # Errors
    ///
    /// `PartError::Host` if its linker does not take what the program
    /// provides. That it is what was declared is checked when it is given
    /// away.
    pub fn shop<Part>(
        part: Part,
    ) -> ::core::result::Result<
        crate::inner::composer::ComposableDescriptor,
        crate::inner::composer::PartError,
    >
    where
        Part: crate::inner::composer::Composable + 'static,
    {
        crate::inner::composer::private::one_part(
            feed::glue::DECLARED,
            "shop",
            part,
            &feed::glue::ShopPart,
        )
    }
    /// A part that takes the place of `customer` in a [`Feed`].
    ///
    /// Give it to `ComponentHandle::replace`.
    ///
    /// # Errors
    ///
    /// `PartError::Host` if its linker does not take what the program
    /// provides. That it is what was declared is checked when it is given
    /// away.
    pub fn customer<Part>(
        part: Part,
    ) -> ::core::result::Result<
        crate::inner::composer::ComposableDescriptor,
        crate::inner::composer::PartError,
    >
    where
        Part: crate::inner::composer::Composable + 'static,
    {
        crate::inner::composer::private::one_part(
            feed::glue::DECLARED,
            "customer",
            part,
            &feed::glue::CustomerPart,
        )
    }
}
/// A composition of `shop`, `customer`.
///
/// It is a handle: cloning it is cheap, and when the last one is gone, its components end.
///
/// It exports:
///
/// - `shop:all/feed@1.0.0`
/// - `sum`
pub struct Feed {
    handles: ::std::sync::Arc<feed::glue::Handles>,
    composition: crate::inner::composer::Composition,
}
#[allow(deprecated)]
impl Feed {
    /// Composes the parts: providers start before their users, each in
    /// a store of its own, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// As for `Composer::compose`, and `PartError::Misfit` for each part
    /// that does not fit the world it was declared with. That is checked
    /// before anything runs.
    pub async fn compose<ShopPart, CustomerPart>(
        parts: FeedParts<ShopPart, CustomerPart>,
    ) -> ::core::result::Result<Self, crate::inner::composer::CompositionError>
    where
        ShopPart: crate::inner::composer::Composable + 'static,
        CustomerPart: crate::inner::composer::Composable + 'static,
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
    pub fn prepare<ShopPart, CustomerPart>(
        parts: FeedParts<ShopPart, CustomerPart>,
    ) -> ::core::result::Result<FeedPrepared, crate::inner::composer::CompositionError>
    where
        ShopPart: crate::inner::composer::Composable + 'static,
        CustomerPart: crate::inner::composer::Composable + 'static,
    {
        let wiring = crate::inner::composer::private::Wiring::new(feed::glue::DECLARED)
            .part("shop", parts.shop, &feed::glue::ShopPart)
            .part("customer", parts.customer, &feed::glue::CustomerPart);
        ::core::result::Result::Ok(FeedPrepared {
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
            feed::glue::DECLARED,
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
    /// The functions of `shop:all/feed@1.0.0`.
    pub fn feed(&self) -> feed::shop::all::feed::Exports {
        ::core::convert::From::from(
            ::core::clone::Clone::clone(&self.handles.function_table),
        )
    }
    /// Calls `sum`.
    ///
    /// # Errors
    ///
    /// `CallError`, if the call itself fails.
    pub async fn sum(
        &self,
        amounts: crate::inner::composer::private::StreamReader<u32>,
    ) -> ::core::result::Result<u64, crate::inner::composer::private::CallError> {
        let mut outbound = crate::inner::composer::private::OutboundResources::new();
        let args = (
            crate::inner::composer::private::IntoWire::into_wire(amounts, &mut outbound),
        );
        let ((result,), _) = self
            .handles
            .function_table
            .call_with_resources(&feed::shop::all::shop::wire::SUM, args, outbound)
            .await?;
        ::core::result::Result::Ok(result)
    }
}
impl ::core::clone::Clone for Feed {
    fn clone(&self) -> Self {
        Self {
            handles: ::core::clone::Clone::clone(&self.handles),
            composition: ::core::clone::Clone::clone(&self.composition),
        }
    }
}
impl crate::inner::composer::private::TypedComposition for Feed {
    type Handles = feed::glue::Handles;
    fn into_parts(
        self,
    ) -> (::std::sync::Arc<Self::Handles>, crate::inner::composer::Composition) {
        (self.handles, self.composition)
    }
    fn from_parts(
        handles: ::core::option::Option<::std::sync::Arc<Self::Handles>>,
        composition: crate::inner::composer::Composition,
    ) -> Self {
        let find = || ::std::sync::Arc::new(feed::glue::Handles::new(&composition));
        Self {
            handles: handles.unwrap_or_else(find),
            composition,
        }
    }
}
/// A [`Feed`] that can be composed any number of times.
///
/// It is a handle: cloning it is cheap, and it keeps nothing running.
#[derive(Clone)]
pub struct FeedPrepared {
    prepared: crate::inner::composer::PreparedComposition,
}
impl FeedPrepared {
    /// Starts a composition: providers start before their users, each in
    /// a store of its own, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// As for `PreparedComposition::compose`.
    pub async fn compose(
        &self,
    ) -> ::core::result::Result<Feed, crate::inner::composer::CompositionError> {
        let composition = self.prepared.compose().await?;
        ::core::result::Result::Ok(
            <Feed as crate::inner::composer::private::TypedComposition>::from_parts(
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
/// The types and interfaces of [`Feed`].
#[allow(clippy::type_complexity, deprecated)]
pub mod feed {
    use crate::inner::composer::private;
    /// Packages of `shop`.
    pub mod shop {
        use super::private;
        /// The package `shop:all@1.0.0`.
        pub mod all {
            use super::private;
            /// The interface `shop:all/feed@1.0.0`.
            pub mod feed {
                #[allow(unused_imports)]
                use super::private::{self, prelude::*};
                /// The type `parcel`.
                pub type Parcel = super::types::Parcel;
                /// The type `prices`.
                pub type Prices = super::types::Prices;
                /// The resource `offer`.
                ///
                /// Dropping it runs its destructor, as soon as its component is free.
                #[derive(Debug)]
                pub struct Offer {
                    function_table: private::FunctionTable,
                    handle: private::ResourceHandle,
                }
                impl Offer {
                    /// Calls `[method]offer.sku`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn sku(&self) -> Result<String, private::CallError> {
                        let mut outbound = private::OutboundResources::new();
                        let args = (private::IntoWire::into_wire(self, &mut outbound),);
                        let ((result,), _) = self
                            .function_table
                            .call_with_resources(&wire::OFFER__SKU, args, outbound)
                            .await?;
                        Ok(result)
                    }
                    /// The resource without its type.
                    pub fn into_handle(self) -> private::ResourceHandle {
                        self.handle
                    }
                }
                impl private::IntoWire for Offer {
                    type Wire = private::ResourceAny;
                    fn into_wire(
                        self,
                        to: &mut private::OutboundResources,
                    ) -> Self::Wire {
                        to.own(self.handle)
                    }
                }
                impl private::IntoWire for &Offer {
                    type Wire = private::ResourceAny;
                    fn into_wire(
                        self,
                        to: &mut private::OutboundResources,
                    ) -> Self::Wire {
                        to.borrow(&self.handle)
                    }
                }
                impl private::FromWire for Offer {
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
                /// The type `order`.
                #[derive(Debug)]
                pub enum Order {
                    /// The case `none`.
                    None,
                    /// The case `some`.
                    Some(private::StreamReader<Offer>),
                }
                impl private::IntoWire for Order {
                    type Wire = wire::Order;
                    fn into_wire(
                        self,
                        to: &mut private::OutboundResources,
                    ) -> Self::Wire {
                        match self {
                            Self::None => wire::Order::None,
                            Self::Some(value) => {
                                wire::Order::Some(private::IntoWire::into_wire(value, to))
                            }
                        }
                    }
                }
                impl private::FromWire for Order {
                    type Wire = wire::Order;
                    fn from_wire(
                        wire: Self::Wire,
                        from: &mut private::InboundResources,
                    ) -> Result<Self, private::CallError> {
                        Ok(
                            match wire {
                                wire::Order::None => Self::None,
                                wire::Order::Some(value) => {
                                    Self::Some(private::FromWire::from_wire(value, from)?)
                                }
                            },
                        )
                    }
                }
                /// The functions of `shop:all/feed@1.0.0`.
                #[derive(Clone, Debug)]
                pub struct Exports {
                    function_table: private::FunctionTable,
                }
                impl Exports {
                    /// Calls `offers`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn offers(
                        &self,
                        count: u32,
                    ) -> Result<private::StreamReader<Offer>, private::CallError> {
                        let outbound = private::OutboundResources::new();
                        let args = (count,);
                        let ((result,), mut inbound) = self
                            .function_table
                            .call_with_resources(&wire::OFFERS, args, outbound)
                            .await?;
                        private::FromWire::from_wire(result, &mut inbound)
                    }
                    /// Calls `send`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn send(
                        &self,
                        parcel: Parcel,
                    ) -> Result<private::FutureReader<Parcel>, private::CallError> {
                        let mut outbound = private::OutboundResources::new();
                        let args = (
                            private::IntoWire::into_wire(parcel, &mut outbound),
                        );
                        let ((result,), mut inbound) = self
                            .function_table
                            .call_with_resources(&wire::SEND, args, outbound)
                            .await?;
                        private::FromWire::from_wire(result, &mut inbound)
                    }
                    /// Calls `watch`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn watch(
                        &self,
                        prices: impl Into<Vec<Prices>>,
                        end: private::FutureReader<()>,
                    ) -> Result<Result<Prices, String>, private::CallError> {
                        let mut outbound = private::OutboundResources::new();
                        let args = (
                            private::IntoWire::into_wire(prices.into(), &mut outbound),
                            private::IntoWire::into_wire(end, &mut outbound),
                        );
                        let ((result,), mut inbound) = self
                            .function_table
                            .call_with_resources(&wire::WATCH, args, outbound)
                            .await?;
                        private::FromWire::from_wire(result, &mut inbound)
                    }
                    /// Calls `buy`.
                    ///
                    /// # Errors
                    ///
                    /// `CallError`, if the call itself fails.
                    pub async fn buy(
                        &self,
                        order: Order,
                    ) -> Result<
                        private::StreamReader<private::StreamReader<Order>>,
                        private::CallError,
                    > {
                        let mut outbound = private::OutboundResources::new();
                        let args = (private::IntoWire::into_wire(order, &mut outbound),);
                        let ((result,), mut inbound) = self
                            .function_table
                            .call_with_resources(&wire::BUY, args, outbound)
                            .await?;
                        private::FromWire::from_wire(result, &mut inbound)
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
                    #[component(variant)]
                    #[component(wasmtime_crate = private::wasmtime)]
                    #[wire(private, inner)]
                    pub enum Order {
                        #[component(name = "none")]
                        None,
                        #[component(name = "some")]
                        Some(private::StreamAny),
                    }
                    const INTERFACE: Option<&str> = Some("shop:all/feed@1.0.0");
                    pub const OFFER__SKU: private::Function<
                        (private::ResourceAny,),
                        (String,),
                    > = private::Function::new(0, INTERFACE, "[method]offer.sku");
                    pub const OFFERS: private::Function<(u32,), (private::StreamAny,)> = private::Function::new(
                        1,
                        INTERFACE,
                        "offers",
                    );
                    pub const SEND: private::Function<
                        (super::super::types::wire::Parcel,),
                        (private::FutureAny,),
                    > = private::Function::new(2, INTERFACE, "send");
                    pub const WATCH: private::Function<
                        (Vec<private::StreamAny>, private::FutureAny),
                        (Result<private::StreamAny, String>,),
                    > = private::Function::new(3, INTERFACE, "watch");
                    pub const BUY: private::Function<(Order,), (private::StreamAny,)> = private::Function::new(
                        4,
                        INTERFACE,
                        "buy",
                    );
                    pub fn exported<T: Send + 'static>(
                        registry: &mut private::TypedRegistry<T>,
                    ) {
                        registry.export(&OFFER__SKU);
                        registry.export(&OFFERS);
                        registry.export(&SEND);
                        registry.export(&WATCH);
                        registry.export(&BUY);
                    }
                    pub fn imported<T: Send + 'static>(
                        registry: &mut private::TypedRegistry<T>,
                    ) {
                        registry.import(&OFFER__SKU);
                        registry.import_async(&OFFERS);
                        registry.import_async(&SEND);
                        registry.import(&WATCH);
                        registry.import_async(&BUY);
                    }
                }
            }
            /// The world `shop`.
            pub mod shop {
                #[allow(unused_imports)]
                use super::private::{self, prelude::*};
                /// What crosses.
                #[doc(hidden)]
                pub mod wire {
                    #[allow(unused_imports)]
                    use super::private::{self, prelude::*};
                    const INTERFACE: Option<&str> = None;
                    pub const SUM: private::Function<(private::StreamAny,), (u64,)> = private::Function::new(
                        5,
                        INTERFACE,
                        "sum",
                    );
                    pub fn exported<T: Send + 'static>(
                        registry: &mut private::TypedRegistry<T>,
                    ) {
                        registry.export(&SUM);
                    }
                }
            }
            /// The interface `shop:all/types@1.0.0`.
            pub mod types {
                #[allow(unused_imports)]
                use super::private::{self, prelude::*};
                /// The type `trouble`.
                #[derive(
                    Clone,
                    Copy,
                    Debug,
                    PartialEq,
                    Eq,
                    PartialOrd,
                    Ord,
                    Hash,
                    private::ComponentType,
                    private::Lift,
                    private::Lower,
                    private::Wire
                )]
                #[component(enum)]
                #[component(wasmtime_crate = private::wasmtime)]
                #[wire(private)]
                #[repr(u8)]
                pub enum Trouble {
                    /// The case `lost`.
                    #[component(name = "lost")]
                    Lost,
                    /// The case `late`.
                    #[component(name = "late")]
                    Late,
                }
                impl core::fmt::Display for Trouble {
                    fn fmt(
                        &self,
                        f: &mut core::fmt::Formatter<'_>,
                    ) -> core::fmt::Result {
                        f.write_str(
                            match self {
                                Self::Lost => "lost",
                                Self::Late => "late",
                            },
                        )
                    }
                }
                impl core::error::Error for Trouble {}
                /// The type `price`.
                #[derive(
                    Clone,
                    Debug,
                    PartialEq,
                    Eq,
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
                /// What is sent.
                #[derive(Debug)]
                pub struct Parcel {
                    /// The field `name`.
                    pub name: String,
                    /// The field `content`.
                    pub content: private::StreamReader<u8>,
                    /// The field `delivered`.
                    pub delivered: Option<private::FutureReader<Result<u32, Trouble>>>,
                }
                impl private::IntoWire for Parcel {
                    type Wire = wire::Parcel;
                    fn into_wire(
                        self,
                        to: &mut private::OutboundResources,
                    ) -> Self::Wire {
                        wire::Parcel {
                            name: private::IntoWire::into_wire(self.name, to),
                            content: private::IntoWire::into_wire(self.content, to),
                            delivered: private::IntoWire::into_wire(self.delivered, to),
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
                            name: private::FromWire::from_wire(wire.name, from)?,
                            content: private::FromWire::from_wire(wire.content, from)?,
                            delivered: private::FromWire::from_wire(
                                wire.delivered,
                                from,
                            )?,
                        })
                    }
                }
                /// The type `prices`.
                pub type Prices = private::StreamReader<Price>;
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
                        #[component(name = "name")]
                        pub name: String,
                        #[component(name = "content")]
                        pub content: private::StreamAny,
                        #[component(name = "delivered")]
                        pub delivered: Option<private::FutureAny>,
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
            (Some("shop:all/feed@1.0.0"), "[method]offer.sku"),
            (Some("shop:all/feed@1.0.0"), "offers"),
            (Some("shop:all/feed@1.0.0"), "send"),
            (Some("shop:all/feed@1.0.0"), "watch"),
            (Some("shop:all/feed@1.0.0"), "buy"),
            (None, "sum"),
        ];
        /// The functions of a composition, found once.
        pub struct Handles {
            pub function_table: private::FunctionTable,
        }
        impl Handles {
            pub fn new(composition: &private::Composition) -> Self {
                let function_table = private::FunctionTable::new(composition, FUNCTIONS);
                Self { function_table }
            }
        }
        /// What `shop` exports and imports.
        pub struct ShopPart;
        impl private::TypedBindings for ShopPart {
            fn functions<T: Send + 'static>(
                &self,
                registry: &mut private::TypedRegistry<T>,
            ) {
                super::shop::all::shop::wire::exported(registry);
                super::shop::all::feed::wire::exported(registry);
            }
        }
        /// What `customer` exports and imports.
        pub struct CustomerPart;
        impl private::TypedBindings for CustomerPart {
            fn functions<T: Send + 'static>(
                &self,
                registry: &mut private::TypedRegistry<T>,
            ) {
                super::shop::all::feed::wire::imported(registry);
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
                        name: "shop",
                        kind: DeclaredKind::World,
                        world: DeclaredWorld {
                            imports: &[
                                (
                                    "shop:all/types@1.0.0",
                                    Interface {
                                        funcs: &[],
                                        resources: &[],
                                    },
                                ),
                            ],
                            exports: &[
                                (
                                    "sum",
                                    Function(
                                        Async(&[("amounts", Stream(Some(&U32)))], Some(U64)),
                                    ),
                                ),
                                (
                                    "shop:all/feed@1.0.0",
                                    Interface {
                                        funcs: &[
                                            (
                                                "[method]offer.sku",
                                                Sync(&[("self", Borrow(0))], Some(String)),
                                            ),
                                            (
                                                "buy",
                                                Async(
                                                    &[
                                                        (
                                                            "order",
                                                            Variant(
                                                                &[("none", None), ("some", Some(Stream(Some(&Own(0)))))],
                                                            ),
                                                        ),
                                                    ],
                                                    Some(
                                                        Stream(
                                                            Some(
                                                                &Stream(
                                                                    Some(
                                                                        &Variant(
                                                                            &[("none", None), ("some", Some(Stream(Some(&Own(0)))))],
                                                                        ),
                                                                    ),
                                                                ),
                                                            ),
                                                        ),
                                                    ),
                                                ),
                                            ),
                                            (
                                                "offers",
                                                Async(&[("count", U32)], Some(Stream(Some(&Own(0))))),
                                            ),
                                            (
                                                "send",
                                                Async(
                                                    &[
                                                        (
                                                            "parcel",
                                                            Record(
                                                                &[
                                                                    ("name", String),
                                                                    ("content", Stream(Some(&U8))),
                                                                    (
                                                                        "delivered",
                                                                        Maybe(
                                                                            &Future(
                                                                                Some(&Result(&Some(U32), &Some(Enum(&["lost", "late"])))),
                                                                            ),
                                                                        ),
                                                                    ),
                                                                ],
                                                            ),
                                                        ),
                                                    ],
                                                    Some(
                                                        Future(
                                                            Some(
                                                                &Record(
                                                                    &[
                                                                        ("name", String),
                                                                        ("content", Stream(Some(&U8))),
                                                                        (
                                                                            "delivered",
                                                                            Maybe(
                                                                                &Future(
                                                                                    Some(&Result(&Some(U32), &Some(Enum(&["lost", "late"])))),
                                                                                ),
                                                                            ),
                                                                        ),
                                                                    ],
                                                                ),
                                                            ),
                                                        ),
                                                    ),
                                                ),
                                            ),
                                            (
                                                "watch",
                                                Sync(
                                                    &[
                                                        (
                                                            "prices",
                                                            List(
                                                                &Stream(Some(&Record(&[("sku", String), ("amount", U32)]))),
                                                            ),
                                                        ),
                                                        ("end", Future(None)),
                                                    ],
                                                    Some(
                                                        Result(
                                                            &Some(
                                                                Stream(Some(&Record(&[("sku", String), ("amount", U32)]))),
                                                            ),
                                                            &Some(String),
                                                        ),
                                                    ),
                                                ),
                                            ),
                                        ],
                                        resources: &[("offer", 0)],
                                    },
                                ),
                            ],
                            resources: &[Exported(Some("shop:all/feed@1.0.0"), "offer")],
                        },
                        hints: &[],
                    },
                    DeclaredComponent {
                        name: "customer",
                        kind: DeclaredKind::World,
                        world: DeclaredWorld {
                            imports: &[
                                (
                                    "shop:all/types@1.0.0",
                                    Interface {
                                        funcs: &[],
                                        resources: &[],
                                    },
                                ),
                                (
                                    "shop:all/feed@1.0.0",
                                    Interface {
                                        funcs: &[
                                            (
                                                "[method]offer.sku",
                                                Sync(&[("self", Borrow(0))], Some(String)),
                                            ),
                                            (
                                                "buy",
                                                Async(
                                                    &[
                                                        (
                                                            "order",
                                                            Variant(
                                                                &[("none", None), ("some", Some(Stream(Some(&Own(0)))))],
                                                            ),
                                                        ),
                                                    ],
                                                    Some(
                                                        Stream(
                                                            Some(
                                                                &Stream(
                                                                    Some(
                                                                        &Variant(
                                                                            &[("none", None), ("some", Some(Stream(Some(&Own(0)))))],
                                                                        ),
                                                                    ),
                                                                ),
                                                            ),
                                                        ),
                                                    ),
                                                ),
                                            ),
                                            (
                                                "offers",
                                                Async(&[("count", U32)], Some(Stream(Some(&Own(0))))),
                                            ),
                                            (
                                                "send",
                                                Async(
                                                    &[
                                                        (
                                                            "parcel",
                                                            Record(
                                                                &[
                                                                    ("name", String),
                                                                    ("content", Stream(Some(&U8))),
                                                                    (
                                                                        "delivered",
                                                                        Maybe(
                                                                            &Future(
                                                                                Some(&Result(&Some(U32), &Some(Enum(&["lost", "late"])))),
                                                                            ),
                                                                        ),
                                                                    ),
                                                                ],
                                                            ),
                                                        ),
                                                    ],
                                                    Some(
                                                        Future(
                                                            Some(
                                                                &Record(
                                                                    &[
                                                                        ("name", String),
                                                                        ("content", Stream(Some(&U8))),
                                                                        (
                                                                            "delivered",
                                                                            Maybe(
                                                                                &Future(
                                                                                    Some(&Result(&Some(U32), &Some(Enum(&["lost", "late"])))),
                                                                                ),
                                                                            ),
                                                                        ),
                                                                    ],
                                                                ),
                                                            ),
                                                        ),
                                                    ),
                                                ),
                                            ),
                                            (
                                                "watch",
                                                Sync(
                                                    &[
                                                        (
                                                            "prices",
                                                            List(
                                                                &Stream(Some(&Record(&[("sku", String), ("amount", U32)]))),
                                                            ),
                                                        ),
                                                        ("end", Future(None)),
                                                    ],
                                                    Some(
                                                        Result(
                                                            &Some(
                                                                Stream(Some(&Record(&[("sku", String), ("amount", U32)]))),
                                                            ),
                                                            &Some(String),
                                                        ),
                                                    ),
                                                ),
                                            ),
                                        ],
                                        resources: &[("offer", 0)],
                                    },
                                ),
                            ],
                            exports: &[],
                            resources: &[Imported(Some("shop:all/feed@1.0.0"), "offer")],
                        },
                        hints: &[],
                    },
                ],
                open: &[],
                export_hints: &[],
                exports: DeclaredWorld {
                    imports: &[],
                    exports: &[
                        (
                            "shop:all/feed@1.0.0",
                            Interface {
                                funcs: &[
                                    (
                                        "[method]offer.sku",
                                        Sync(&[("self", Borrow(0))], Some(String)),
                                    ),
                                    (
                                        "buy",
                                        Async(
                                            &[
                                                (
                                                    "order",
                                                    Variant(
                                                        &[("none", None), ("some", Some(Stream(Some(&Own(0)))))],
                                                    ),
                                                ),
                                            ],
                                            Some(
                                                Stream(
                                                    Some(
                                                        &Stream(
                                                            Some(
                                                                &Variant(
                                                                    &[("none", None), ("some", Some(Stream(Some(&Own(0)))))],
                                                                ),
                                                            ),
                                                        ),
                                                    ),
                                                ),
                                            ),
                                        ),
                                    ),
                                    (
                                        "offers",
                                        Async(&[("count", U32)], Some(Stream(Some(&Own(0))))),
                                    ),
                                    (
                                        "send",
                                        Async(
                                            &[
                                                (
                                                    "parcel",
                                                    Record(
                                                        &[
                                                            ("name", String),
                                                            ("content", Stream(Some(&U8))),
                                                            (
                                                                "delivered",
                                                                Maybe(
                                                                    &Future(
                                                                        Some(&Result(&Some(U32), &Some(Enum(&["lost", "late"])))),
                                                                    ),
                                                                ),
                                                            ),
                                                        ],
                                                    ),
                                                ),
                                            ],
                                            Some(
                                                Future(
                                                    Some(
                                                        &Record(
                                                            &[
                                                                ("name", String),
                                                                ("content", Stream(Some(&U8))),
                                                                (
                                                                    "delivered",
                                                                    Maybe(
                                                                        &Future(
                                                                            Some(&Result(&Some(U32), &Some(Enum(&["lost", "late"])))),
                                                                        ),
                                                                    ),
                                                                ),
                                                            ],
                                                        ),
                                                    ),
                                                ),
                                            ),
                                        ),
                                    ),
                                    (
                                        "watch",
                                        Sync(
                                            &[
                                                (
                                                    "prices",
                                                    List(
                                                        &Stream(Some(&Record(&[("sku", String), ("amount", U32)]))),
                                                    ),
                                                ),
                                                ("end", Future(None)),
                                            ],
                                            Some(
                                                Result(
                                                    &Some(
                                                        Stream(Some(&Record(&[("sku", String), ("amount", U32)]))),
                                                    ),
                                                    &Some(String),
                                                ),
                                            ),
                                        ),
                                    ),
                                ],
                                resources: &[("offer", 0)],
                            },
                        ),
                        (
                            "sum",
                            Function(
                                Async(&[("amounts", Stream(Some(&U32)))], Some(U64)),
                            ),
                        ),
                    ],
                    resources: &[Exported(Some("shop:all/feed@1.0.0"), "offer")],
                },
            }
        };
    }
}
