/// The parts of a [`Checkout`], a field for each component.
pub struct CheckoutParts<CatalogPart, TaxEuPart, TaxUsPart, TillPart> {
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
}
/// A composition of `catalog`, `tax_eu`, `tax_us`, `till`.
///
/// It is a handle: cloning it is cheap, and when the last one is gone, its components end.
///
/// It exports:
///
/// - `pay`
/// - `shop:all/rates@1.0.0`
pub struct Checkout {
    handles: checkout::glue::Handles,
    composition: crate::inner::composer::Composition,
}
impl Checkout {
    const DECLARED: &'static crate::inner::composer::private::Declared = {
        #[allow(unused_imports)]
        use ::core::option::Option::{None, Some};
        #[allow(unused_imports)]
        use crate::inner::composer::private::{
            Component, Declared, Extern::*, Func::*, Kind, Resource::*, Ty::*, World,
        };
        &Declared {
            components: &[
                Component {
                    name: "catalog",
                    kind: Kind::World,
                    world: World {
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
                                        ("total", Sync(&[("basket", Borrow(0))], Some(Maybe(&U32)))),
                                    ],
                                    resources: &[("basket", 0)],
                                },
                            ),
                        ],
                        resources: &[Exported(Some("shop:all/prices@1.0.0"), "basket")],
                    },
                    hints: &[],
                },
                Component {
                    name: "tax_eu",
                    kind: Kind::World,
                    world: World {
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
                Component {
                    name: "tax_us",
                    kind: Kind::World,
                    world: World {
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
                Component {
                    name: "till",
                    kind: Kind::World,
                    world: World {
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
                        resources: &[Imported(Some("shop:all/prices@1.0.0"), "basket")],
                    },
                    hints: &[("shop:all/rates", "tax_eu")],
                },
            ],
            open: &[],
            export_hints: &[("shop:all/rates", "tax_us")],
            exports: World {
                imports: &[],
                exports: &[
                    ("pay", Function(Sync(&[("amounts", List(&U32))], Some(String)))),
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
    /// Composes the parts: providers start before their users, each in
    /// a store of its own, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// As for `Composer::compose`, and `PartError::Misfit` for each part
    /// that does not fit the world it was declared with. That is checked
    /// before anything runs.
    pub async fn compose<CatalogPart, TaxEuPart, TaxUsPart, TillPart>(
        parts: CheckoutParts<CatalogPart, TaxEuPart, TaxUsPart, TillPart>,
    ) -> ::core::result::Result<Self, crate::inner::composer::CompositionError>
    where
        CatalogPart: crate::inner::composer::Composable + 'static,
        TaxEuPart: crate::inner::composer::Composable + 'static,
        TaxUsPart: crate::inner::composer::Composable + 'static,
        TillPart: crate::inner::composer::Composable + 'static,
    {
        let wiring = crate::inner::composer::private::Wiring::new(Self::DECLARED)
            .part("catalog", parts.catalog, &checkout::glue::CatalogPart)
            .part("tax_eu", parts.tax_eu, &checkout::glue::TaxEuPart)
            .part("tax_us", parts.tax_us, &checkout::glue::TaxUsPart)
            .part("till", parts.till, &checkout::glue::TillPart);
        let composition = wiring.compose().await?;
        ::core::result::Result::Ok(Self {
            handles: checkout::glue::Handles::new(&composition),
            composition,
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
        crate::inner::composer::private::check_exports(&composition, Self::DECLARED)?;
        ::core::result::Result::Ok(Self {
            handles: checkout::glue::Handles::new(&composition),
            composition,
        })
    }
    /// The composition itself, for lookups by name, status and shutdown.
    pub fn composition(&self) -> &crate::inner::composer::Composition {
        &self.composition
    }
    /// The functions of `shop:all/rates@1.0.0`.
    pub fn rates(&self) -> checkout::shop::all::rates::Exports {
        ::core::convert::From::from(::core::clone::Clone::clone(&self.handles.face))
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
            .face
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
/// The types and interfaces of [`Checkout`].
pub mod checkout {
    use crate::inner::composer::private;
    /// What the parts are told of their functions.
    #[doc(hidden)]
    pub mod glue {
        use super::private::{self, prelude::*};
        /// The functions that are called, each at the place that its constant says.
        pub const FUNCTIONS: &[private::FunctionName] = &[
            (Some("shop:all/rates@1.0.0"), "rate"),
            (None, "pay"),
        ];
        /// The functions of a composition, found once.
        #[derive(Clone)]
        pub struct Handles {
            pub face: private::Face,
        }
        impl Handles {
            pub fn new(composition: &private::Composition) -> Self {
                let face = private::Face::new(composition, FUNCTIONS);
                Self { face }
            }
        }
        /// What `catalog` exports and imports.
        pub struct CatalogPart;
        impl private::Glue for CatalogPart {
            fn functions<T: Send + 'static>(&self, registry: &mut private::Registry<T>) {
                super::shop::all::prices::wire::exported(registry);
            }
        }
        /// What `tax_eu` exports and imports.
        pub struct TaxEuPart;
        impl private::Glue for TaxEuPart {
            fn functions<T: Send + 'static>(&self, registry: &mut private::Registry<T>) {
                super::shop::all::rates::wire::exported(registry);
            }
        }
        /// What `tax_us` exports and imports.
        pub struct TaxUsPart;
        impl private::Glue for TaxUsPart {
            fn functions<T: Send + 'static>(&self, registry: &mut private::Registry<T>) {
                super::shop::all::rates::wire::exported(registry);
            }
        }
        /// What `till` exports and imports.
        pub struct TillPart;
        impl private::Glue for TillPart {
            fn functions<T: Send + 'static>(&self, registry: &mut private::Registry<T>) {
                super::shop::all::till::wire::exported(registry);
                super::shop::all::prices::wire::imported(registry);
                super::shop::all::rates::wire::imported(registry);
            }
        }
    }
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
                /// What crosses.
                #[doc(hidden)]
                pub mod wire {
                    #[allow(unused_imports)]
                    use super::private::{self, prelude::*};
                    const INTERFACE: Option<&str> = Some("shop:all/prices@1.0.0");
                    pub const BASKET: private::Function<(), (private::ResourceAny,)> = private::Function::linked(
                        INTERFACE,
                        "[constructor]basket",
                    );
                    pub const BASKET__ADD: private::Function<
                        (private::ResourceAny, String, u32),
                        (Result<(), super::Problem>,),
                    > = private::Function::linked(INTERFACE, "[method]basket.add");
                    pub const TOTAL: private::Function<
                        (private::ResourceAny,),
                        (Option<u32>,),
                    > = private::Function::linked(INTERFACE, "total");
                    pub fn exported<T: Send + 'static>(
                        registry: &mut private::Registry<T>,
                    ) {
                        registry.export(&BASKET);
                        registry.export(&BASKET__ADD);
                        registry.export(&TOTAL);
                    }
                    pub fn imported<T: Send + 'static>(
                        registry: &mut private::Registry<T>,
                    ) {
                        registry.import(&BASKET);
                        registry.import(&BASKET__ADD);
                        registry.import(&TOTAL);
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
                    face: private::Face,
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
                            .face
                            .call(&wire::RATE, (sku.into(),))
                            .await?;
                        Ok(result)
                    }
                }
                #[doc(hidden)]
                impl From<private::Face> for Exports {
                    fn from(face: private::Face) -> Self {
                        Self { face }
                    }
                }
                /// What crosses.
                #[doc(hidden)]
                pub mod wire {
                    #[allow(unused_imports)]
                    use super::private::{self, prelude::*};
                    const INTERFACE: Option<&str> = Some("shop:all/rates@1.0.0");
                    pub const RATE: private::Function<(String,), ((u32, bool),)> = private::Function::new(
                        0,
                        INTERFACE,
                        "rate",
                    );
                    pub fn exported<T: Send + 'static>(
                        registry: &mut private::Registry<T>,
                    ) {
                        registry.export(&RATE);
                    }
                    pub fn imported<T: Send + 'static>(
                        registry: &mut private::Registry<T>,
                    ) {
                        registry.import(&RATE);
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
                        1,
                        INTERFACE,
                        "pay",
                    );
                    pub fn exported<T: Send + 'static>(
                        registry: &mut private::Registry<T>,
                    ) {
                        registry.export(&PAY);
                    }
                }
            }
        }
    }
}
