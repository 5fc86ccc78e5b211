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
            .part("catalog", parts.catalog, &())
            .part("tax_eu", parts.tax_eu, &())
            .part("tax_us", parts.tax_us, &())
            .part("till", parts.till, &());
        let composition = wiring.compose().await?;
        ::core::result::Result::Ok(Self { composition })
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
        ::core::result::Result::Ok(Self { composition })
    }
    /// The composition itself, for lookups by name, status and shutdown.
    pub fn composition(&self) -> &crate::inner::composer::Composition {
        &self.composition
    }
}
impl ::core::clone::Clone for Checkout {
    fn clone(&self) -> Self {
        Self {
            composition: ::core::clone::Clone::clone(&self.composition),
        }
    }
}
