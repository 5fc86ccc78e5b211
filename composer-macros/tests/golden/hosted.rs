/// The parts of a [`Till`], a field for each component.
pub struct TillParts<TillPart> {
    /// A component of the world `shop:all/till@1.0.0`.
    pub till: TillPart,
}
impl TillParts<()> {
    /// A part that takes the place of `till` in a [`Till`].
    ///
    /// Give it to `ComponentHandle::replace`.
    ///
    /// # Errors
    ///
    /// `PartError::Host` if its linker does not take what the program
    /// provides. That it is what was declared is checked when it is given
    /// away.
    pub fn till<Part, H>(
        part: Part,
        host: H,
    ) -> ::core::result::Result<
        crate::inner::composer::ComposableDescriptor,
        crate::inner::composer::PartError,
    >
    where
        Part: crate::inner::composer::Composable + 'static,
        H: till::shop::all::clock::Host,
        H: till::shop::all::db::Host,
        H: till::shop::all::till::Host,
    {
        let host = ::std::sync::Arc::new(host);
        crate::inner::composer::private::one_part(
            till::glue::DECLARED,
            "till",
            part,
            &till::glue::Hosted {
                part: till::glue::TillPart,
                host: &host,
                world: ::core::option::Option::Some("shop:all/till@1.0.0"),
            },
        )
    }
}
/// A composition of `till`.
///
/// It is a handle: cloning it is cheap, and when the last one is gone, its components end.
///
/// It exports:
///
/// - `serve`
pub struct Till {
    handles: ::std::sync::Arc<till::glue::Handles>,
    composition: crate::inner::composer::Composition,
}
#[allow(deprecated)]
impl Till {
    /// Composes the parts: providers start before their users, each in
    /// a store of its own, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// As for `Composer::compose`, and `PartError::Misfit` for each part
    /// that does not fit the world it was declared with. That is checked
    /// before anything runs.
    pub async fn compose<TillPart, H>(
        parts: TillParts<TillPart>,
        host: H,
    ) -> ::core::result::Result<Self, crate::inner::composer::CompositionError>
    where
        TillPart: crate::inner::composer::Composable + 'static,
        H: till::shop::all::clock::Host,
        H: till::shop::all::db::Host,
        H: till::shop::all::till::Host,
    {
        Self::prepare(parts, host)?.compose().await
    }
    /// Does all that comes before the parts are started, once for any
    /// number of compositions.
    ///
    /// # Errors
    ///
    /// As for `Composer::prepare`, and `PartError::Misfit` for each part
    /// that does not fit the world it was declared with.
    pub fn prepare<TillPart, H>(
        parts: TillParts<TillPart>,
        host: H,
    ) -> ::core::result::Result<TillPrepared, crate::inner::composer::CompositionError>
    where
        TillPart: crate::inner::composer::Composable + 'static,
        H: till::shop::all::clock::Host,
        H: till::shop::all::db::Host,
        H: till::shop::all::till::Host,
    {
        let host = ::std::sync::Arc::new(host);
        let wiring = crate::inner::composer::private::Wiring::new(till::glue::DECLARED)
            .part(
                "till",
                parts.till,
                &till::glue::Hosted {
                    part: till::glue::TillPart,
                    host: &host,
                    world: ::core::option::Option::Some("shop:all/till@1.0.0"),
                },
            );
        ::core::result::Result::Ok(TillPrepared {
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
            till::glue::DECLARED,
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
    /// Calls `serve`.
    ///
    /// # Errors
    ///
    /// `CallError`, if the call itself fails.
    pub async fn serve(
        &self,
        customer: &till::shop::all::till::Customer,
    ) -> ::core::result::Result<(), crate::inner::composer::private::CallError> {
        let mut outbound = crate::inner::composer::private::OutboundResources::new();
        let args = (
            crate::inner::composer::private::IntoWire::into_wire(
                customer,
                &mut outbound,
            ),
        );
        self.handles
            .function_table
            .call_with_resources(&till::shop::all::till::wire::SERVE, args, outbound)
            .await?;
        ::core::result::Result::Ok(())
    }
}
impl ::core::clone::Clone for Till {
    fn clone(&self) -> Self {
        Self {
            handles: ::core::clone::Clone::clone(&self.handles),
            composition: ::core::clone::Clone::clone(&self.composition),
        }
    }
}
impl crate::inner::composer::private::TypedComposition for Till {
    type Handles = till::glue::Handles;
    fn into_parts(
        self,
    ) -> (::std::sync::Arc<Self::Handles>, crate::inner::composer::Composition) {
        (self.handles, self.composition)
    }
    fn from_parts(
        handles: ::core::option::Option<::std::sync::Arc<Self::Handles>>,
        composition: crate::inner::composer::Composition,
    ) -> Self {
        let find = || ::std::sync::Arc::new(till::glue::Handles::new(&composition));
        Self {
            handles: handles.unwrap_or_else(find),
            composition,
        }
    }
}
/// A [`Till`] that can be composed any number of times.
///
/// It is a handle: cloning it is cheap, and it keeps nothing running.
#[derive(Clone)]
pub struct TillPrepared {
    prepared: crate::inner::composer::PreparedComposition,
}
impl TillPrepared {
    /// Starts a composition: providers start before their users, each in
    /// a store of its own, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// As for `PreparedComposition::compose`.
    pub async fn compose(
        &self,
    ) -> ::core::result::Result<Till, crate::inner::composer::CompositionError> {
        let composition = self.prepared.compose().await?;
        ::core::result::Result::Ok(
            <Till as crate::inner::composer::private::TypedComposition>::from_parts(
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
/// The types and interfaces of [`Till`].
#[allow(clippy::type_complexity, deprecated)]
pub mod till {
    use crate::inner::composer::private;
    /// Packages of `shop`.
    pub mod shop {
        use super::private;
        /// The package `shop:all@1.0.0`.
        pub mod all {
            use super::private;
            /// The interface `shop:all/clock@1.0.0`.
            pub mod clock {
                #[allow(unused_imports)]
                use super::private::{self, prelude::*};
                /// What the program provides: the functions of `shop:all/clock@1.0.0`.
                ///
                /// One value serves all components of a composition at once.
                pub trait Host: Send + Sync + 'static {
                    /// Seconds since the shop was opened.
                    fn now(&self) -> u64;
                    /// Returns when the shop is open.
                    fn open(&self) -> impl Future<Output = ()> + Send;
                }
                /// What crosses.
                #[doc(hidden)]
                pub mod wire {
                    #[allow(unused_imports)]
                    use super::private::{self, prelude::*};
                    const INTERFACE: Option<&str> = Some("shop:all/clock@1.0.0");
                    pub const NOW: private::Function<(), (u64,)> = private::Function::linked(
                        INTERFACE,
                        "now",
                    );
                    pub const OPEN: private::Function<(), ()> = private::Function::linked(
                        INTERFACE,
                        "open",
                    );
                    pub fn provided<T: Send + 'static, H: super::Host>(
                        linker: &mut private::HostLinker<'_, T>,
                        host: &std::sync::Arc<H>,
                    ) -> private::wasmtime::Result<()> {
                        linker
                            .interface(
                                "shop:all/clock@1.0.0",
                                |linker| {
                                    let program = std::sync::Arc::clone(host);
                                    NOW.define(
                                        linker,
                                        move |()| { Ok((super::Host::now(&*program),)) },
                                    )?;
                                    let program = std::sync::Arc::clone(host);
                                    OPEN.define_concurrent(
                                        linker,
                                        move |()| {
                                            let program = std::sync::Arc::clone(&program);
                                            async move {
                                                super::Host::open(&*program).await;
                                                Ok(())
                                            }
                                        },
                                    )?;
                                    Ok(())
                                },
                            )
                    }
                }
            }
            /// The interface `shop:all/db@1.0.0`.
            pub mod db {
                #[allow(unused_imports)]
                use super::private::{self, prelude::*};
                /// What the program provides: the functions of `shop:all/db@1.0.0`.
                ///
                /// One value serves all components of a composition at once.
                pub trait Host: Send + Sync + 'static {
                    /// A way to the data.
                    type Connection: Send + Sync + 'static;
                    /// Answers `[constructor]connection`.
                    fn connection(
                        &self,
                        name: String,
                    ) -> impl Future<
                        Output = private::wasmtime::Result<Self::Connection>,
                    > + Send;
                    /// The lines that answer a question.
                    fn connection_query(
                        &self,
                        connection: &Self::Connection,
                        text: String,
                    ) -> private::wasmtime::Result<Result<Vec<String>, String>>;
                    /// Answers `close`.
                    fn close(
                        &self,
                        connections: Vec<Self::Connection>,
                    ) -> impl Future<Output = private::wasmtime::Result<()>> + Send;
                    /// Answers `idle`.
                    fn idle(
                        &self,
                        among: Vec<::std::sync::Arc<Self::Connection>>,
                    ) -> impl Future<Output = private::wasmtime::Result<u32>> + Send;
                }
                /// What crosses.
                #[doc(hidden)]
                pub mod wire {
                    #[allow(unused_imports)]
                    use super::private::{self, prelude::*};
                    const INTERFACE: Option<&str> = Some("shop:all/db@1.0.0");
                    pub fn provided<T: Send + 'static, H: super::Host>(
                        linker: &mut private::HostLinker<'_, T>,
                        host: &std::sync::Arc<H>,
                    ) -> private::wasmtime::Result<()> {
                        linker
                            .interface(
                                "shop:all/db@1.0.0",
                                |linker| {
                                    let table = &private::HostTable::default();
                                    table.define::<T, H::Connection>(linker, "connection")?;
                                    {
                                        let (program, table) = (
                                            std::sync::Arc::clone(host),
                                            table.clone(),
                                        );
                                        private::Function::<
                                            (String,),
                                            (private::HostResource<H::Connection>,),
                                        >::linked(INTERFACE, "[constructor]connection")
                                            .define_async(
                                                linker,
                                                move |(name,)| {
                                                    let (program, table) = (
                                                        std::sync::Arc::clone(&program),
                                                        table.clone(),
                                                    );
                                                    async move {
                                                        let result = super::Host::connection(&*program, name)
                                                            .await?;
                                                        Ok((table.give(result)?,))
                                                    }
                                                },
                                            )?;
                                    }
                                    {
                                        let (program, table) = (
                                            std::sync::Arc::clone(host),
                                            table.clone(),
                                        );
                                        private::Function::<
                                            (private::HostResource<H::Connection>, String),
                                            (Result<Vec<String>, String>,),
                                        >::linked(INTERFACE, "[method]connection.query")
                                            .define(
                                                linker,
                                                move |(connection, text)| {
                                                    let connection = table.lent(&connection)?;
                                                    Ok((
                                                        super::Host::connection_query(
                                                            &*program,
                                                            &connection,
                                                            text,
                                                        )?,
                                                    ))
                                                },
                                            )?;
                                    }
                                    {
                                        let (program, table) = (
                                            std::sync::Arc::clone(host),
                                            table.clone(),
                                        );
                                        private::Function::<
                                            (Vec<private::HostResource<H::Connection>>,),
                                            (),
                                        >::linked(INTERFACE, "close")
                                            .define_async(
                                                linker,
                                                move |(connections,)| {
                                                    let (program, table) = (
                                                        std::sync::Arc::clone(&program),
                                                        table.clone(),
                                                    );
                                                    async move {
                                                        let connections = connections
                                                            .into_iter()
                                                            .map(|value| table.taken(value))
                                                            .collect::<private::wasmtime::Result<Vec<_>>>()?;
                                                        super::Host::close(&*program, connections).await?;
                                                        Ok(())
                                                    }
                                                },
                                            )?;
                                    }
                                    {
                                        let (program, table) = (
                                            std::sync::Arc::clone(host),
                                            table.clone(),
                                        );
                                        private::Function::<
                                            (Vec<private::HostResource<H::Connection>>,),
                                            (u32,),
                                        >::linked(INTERFACE, "idle")
                                            .define_async(
                                                linker,
                                                move |(among,)| {
                                                    let (program, table) = (
                                                        std::sync::Arc::clone(&program),
                                                        table.clone(),
                                                    );
                                                    async move {
                                                        let among = among
                                                            .into_iter()
                                                            .map(|value| table.lent(&value))
                                                            .collect::<private::wasmtime::Result<Vec<_>>>()?;
                                                        Ok((super::Host::idle(&*program, among).await?,))
                                                    }
                                                },
                                            )?;
                                    }
                                    Ok(())
                                },
                            )
                    }
                }
            }
            /// The world `till`.
            pub mod till {
                #[allow(unused_imports)]
                use super::private::{self, prelude::*};
                /// Who is served.
                pub type Customer = private::ResourceHandle;
                /// What the program provides: what the world itself imports.
                ///
                /// One value serves all components of a composition at once.
                pub trait Host: Send + Sync + 'static {
                    /// Who is served.
                    type Customer: Send + Sync + 'static;
                    /// Answers `log`.
                    fn log(&self, line: String);
                    /// What they are called.
                    fn customer_name(&self, customer: &Self::Customer) -> String;
                }
                /// What crosses.
                #[doc(hidden)]
                pub mod wire {
                    #[allow(unused_imports)]
                    use super::private::{self, prelude::*};
                    const INTERFACE: Option<&str> = None;
                    pub const SERVE: private::Function<(private::ResourceAny,), ()> = private::Function::new(
                        0,
                        INTERFACE,
                        "serve",
                    );
                    pub const LOG: private::Function<(String,), ()> = private::Function::linked(
                        INTERFACE,
                        "log",
                    );
                    pub fn exported<T: Send + 'static>(
                        registry: &mut private::TypedRegistry<T>,
                    ) {
                        registry.export(&SERVE);
                    }
                    pub fn provided<T: Send + 'static, H: super::Host>(
                        linker: &mut private::HostLinker<'_, T>,
                        host: &std::sync::Arc<H>,
                    ) -> private::wasmtime::Result<()> {
                        let table = &private::HostTable::default();
                        linker
                            .item(
                                "customer",
                                |linker| table.define::<T, H::Customer>(linker, "customer"),
                            )?;
                        linker
                            .item(
                                "log",
                                |linker| {
                                    let program = std::sync::Arc::clone(host);
                                    LOG.define(
                                        linker,
                                        move |(line,)| {
                                            super::Host::log(&*program, line);
                                            Ok(())
                                        },
                                    )?;
                                    Ok(())
                                },
                            )?;
                        linker
                            .item(
                                "[method]customer.name",
                                |linker| {
                                    {
                                        let (program, table) = (
                                            std::sync::Arc::clone(host),
                                            table.clone(),
                                        );
                                        private::Function::<
                                            (private::HostResource<H::Customer>,),
                                            (String,),
                                        >::linked(INTERFACE, "[method]customer.name")
                                            .define(
                                                linker,
                                                move |(customer,)| {
                                                    let customer = table.lent(&customer)?;
                                                    Ok((super::Host::customer_name(&*program, &customer),))
                                                },
                                            )?;
                                    }
                                    Ok(())
                                },
                            )?;
                        Ok(())
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
        pub const FUNCTIONS: &[private::FunctionName] = &[(None, "serve")];
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
        /// What `till` exports and imports.
        pub struct TillPart;
        impl private::TypedBindings for TillPart {
            fn functions<T: Send + 'static>(
                &self,
                registry: &mut private::TypedRegistry<T>,
            ) {
                super::shop::all::till::wire::exported(registry);
            }
        }
        /// A part, and the program that provides for it.
        pub struct Hosted<'h, G, H> {
            pub part: G,
            pub host: &'h std::sync::Arc<H>,
            /// The part's world, if it is declared.
            pub world: Option<&'static str>,
        }
        impl<G, H> private::TypedBindings for Hosted<'_, G, H>
        where
            G: private::TypedBindings,
            H: super::shop::all::clock::Host,
            H: super::shop::all::db::Host,
            H: super::shop::all::till::Host,
        {
            fn functions<T: Send + 'static>(
                &self,
                registry: &mut private::TypedRegistry<T>,
            ) {
                self.part.functions(registry);
            }
            fn link<T: Send + 'static>(
                &self,
                linker: &mut private::HostLinker<'_, T>,
            ) -> private::wasmtime::Result<()> {
                super::shop::all::clock::wire::provided(linker, self.host)?;
                super::shop::all::db::wire::provided(linker, self.host)?;
                if self.world.is_none_or(|world| world == "shop:all/till@1.0.0") {
                    super::shop::all::till::wire::provided(linker, self.host)?;
                }
                Ok(())
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
                        name: "till",
                        kind: DeclaredKind::World,
                        world: DeclaredWorld {
                            imports: &[
                                (
                                    "shop:all/clock@1.0.0",
                                    Interface {
                                        funcs: &[
                                            ("now", Sync(&[], Some(U64))),
                                            ("open", Async(&[], None)),
                                        ],
                                        resources: &[],
                                    },
                                ),
                                (
                                    "shop:all/db@1.0.0",
                                    Interface {
                                        funcs: &[
                                            (
                                                "[constructor]connection",
                                                Sync(&[("name", String)], Some(Own(0))),
                                            ),
                                            (
                                                "[method]connection.query",
                                                Sync(
                                                    &[("self", Borrow(0)), ("text", String)],
                                                    Some(Result(&Some(List(&String)), &Some(String))),
                                                ),
                                            ),
                                            ("close", Sync(&[("connections", List(&Own(0)))], None)),
                                            ("idle", Sync(&[("among", List(&Borrow(0)))], Some(U32))),
                                        ],
                                        resources: &[("connection", 0)],
                                    },
                                ),
                                ("customer", Defines(1)),
                                ("log", Function(Sync(&[("line", String)], None))),
                                (
                                    "[method]customer.name",
                                    Function(Sync(&[("self", Borrow(1))], Some(String))),
                                ),
                            ],
                            exports: &[
                                ("serve", Function(Sync(&[("customer", Borrow(1))], None))),
                            ],
                            resources: &[
                                Imported(Some("shop:all/db@1.0.0"), "connection"),
                                Imported(None, "customer"),
                            ],
                        },
                        hints: &[],
                    },
                ],
                open: &[],
                export_hints: &[],
                exports: DeclaredWorld {
                    imports: &[],
                    exports: &[
                        ("serve", Function(Sync(&[("customer", Borrow(0))], None))),
                    ],
                    resources: &[Imported(None, "customer")],
                },
            }
        };
    }
}
