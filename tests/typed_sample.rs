//! What `compose!` should write for the counters and the shop, by hand.
#![allow(missing_docs, dead_code)]

use composer::private;

use crate::support::*;

// composer::compose!({ path: "wit/resources", composition: Counting,
//   components: { counters: "test:resources/counters-guest" },
//   exports: ["test:resources/counters", "test:resources/inspect"] });

pub struct CountingParts<CountersPart> {
    pub counters: CountersPart,
}

#[derive(Clone)]
pub struct Counting {
    composition: composer::Composition,
    face: private::Face,
}

impl Counting {
    pub async fn compose<CountersPart>(
        parts: CountingParts<CountersPart>,
    ) -> Result<Self, composer::CompositionError>
    where
        CountersPart: composer::Composable + 'static,
    {
        let mut composer = composer::Composer::new();
        // In the generated code: private::Wiring::new(Self::DECLARED)
        //     .part("counters", parts.counters, &glue).compose().await?
        composer.add(private::with_glue(
            "counters",
            parts.counters,
            &counting::CountersGlue,
        ));
        Ok(Self::over(composer.compose().await?))
    }

    fn over(composition: composer::Composition) -> Self {
        let face = private::Face::new(&composition, counting::FUNCTIONS);
        Self { composition, face }
    }

    pub fn counters(&self) -> counting::test::resources::counters::Exports {
        counting::test::resources::counters::Exports::new(self.face.clone())
    }

    pub fn inspect(&self) -> counting::test::resources::inspect::Exports {
        counting::test::resources::inspect::Exports::new(self.face.clone())
    }
}

pub mod counting {
    use composer::private;

    /// Every function, by the index that its constant has.
    pub(super) const FUNCTIONS: &[private::FunctionName] = &[
        (
            Some("test:resources/counters@0.1.0"),
            "[constructor]counter",
        ),
        (
            Some("test:resources/counters@0.1.0"),
            "[method]counter.absorb",
        ),
        (
            Some("test:resources/counters@0.1.0"),
            "[method]counter.increment",
        ),
        (Some("test:resources/counters@0.1.0"), "make-pair"),
        (Some("test:resources/counters@0.1.0"), "sum-list"),
        (Some("test:resources/counters@0.1.0"), "take-variant"),
        (Some("test:resources/inspect@0.1.0"), "peek"),
    ];

    /// One for each component: what its world exports and imports.
    pub(super) struct CountersGlue;

    impl private::Glue for CountersGlue {
        fn functions<T: Send + 'static>(&self, registry: &mut private::Registry<T>) {
            test::resources::counters::exported(registry);
            test::resources::inspect::exported(registry);
        }
    }

    pub mod test {
        pub mod resources {
            /// Implements the resource, and takes and returns it in every way.
            pub mod counters {
                #[allow(unused_imports)]
                use composer::private::{self, prelude::*};

                /// A number with a name.
                ///
                /// Dropping it runs its destructor.
                pub struct Counter {
                    face: private::Face,
                    handle: private::ResourceHandle,
                }

                impl Counter {
                    /// Adds to the value (wrapping); returns the new one.
                    pub async fn increment(&self, by: u32) -> Result<u32, private::CallError> {
                        let mut outbound = private::Outbound::new();
                        let args = (private::Depart::depart(self, &mut outbound), by);
                        let (results, _) = self
                            .face
                            .carry(&wire::COUNTER_INCREMENT, args, outbound)
                            .await?;
                        Ok(results.0)
                    }

                    /// Adds the value of another counter, which ends there.
                    pub async fn absorb(&self, other: Counter) -> Result<u32, private::CallError> {
                        let mut outbound = private::Outbound::new();
                        let args = (
                            private::Depart::depart(self, &mut outbound),
                            private::Depart::depart(other, &mut outbound),
                        );
                        let (results, _) = self
                            .face
                            .carry(&wire::COUNTER_ABSORB, args, outbound)
                            .await?;
                        Ok(results.0)
                    }

                    /// The resource without its type.
                    pub fn into_handle(self) -> private::ResourceHandle {
                        self.handle
                    }
                }

                impl private::Depart for Counter {
                    type Wire = private::ResourceAny;
                    fn depart(self, to: &mut private::Outbound) -> Self::Wire {
                        to.own(self.handle)
                    }
                }

                impl private::Depart for &Counter {
                    type Wire = private::ResourceAny;
                    fn depart(self, to: &mut private::Outbound) -> Self::Wire {
                        to.borrow(&self.handle)
                    }
                }

                impl private::Arrive for Counter {
                    type Wire = private::ResourceAny;
                    fn arrive(
                        _: Self::Wire,
                        from: &mut private::Inbound,
                    ) -> Result<Self, private::CallError> {
                        Ok(Counter {
                            handle: from.own()?,
                            face: from.face(),
                        })
                    }
                }

                /// Counters inside a variant.
                pub enum Holder {
                    /// No counter.
                    None,
                    /// One counter.
                    One(Counter),
                    /// Any number of them.
                    Many(Vec<Counter>),
                }

                impl private::Depart for Holder {
                    type Wire = wire::Holder;
                    fn depart(self, to: &mut private::Outbound) -> Self::Wire {
                        match self {
                            Self::None => wire::Holder::None,
                            Self::One(value) => {
                                wire::Holder::One(private::Depart::depart(value, to))
                            }
                            Self::Many(value) => {
                                wire::Holder::Many(private::Depart::depart(value, to))
                            }
                        }
                    }
                }

                /// Counters inside a record.
                pub struct Pair {
                    pub left: Counter,
                    pub right: Counter,
                }

                impl private::Arrive for Pair {
                    type Wire = wire::Pair;
                    fn arrive(
                        wire: Self::Wire,
                        from: &mut private::Inbound,
                    ) -> Result<Self, private::CallError> {
                        Ok(Pair {
                            left: private::Arrive::arrive(wire.left, from)?,
                            right: private::Arrive::arrive(wire.right, from)?,
                        })
                    }
                }

                /// The functions of the interface.
                #[derive(Clone)]
                pub struct Exports {
                    face: private::Face,
                }

                impl Exports {
                    pub(in super::super::super::super) fn new(face: private::Face) -> Self {
                        Self { face }
                    }

                    /// A counter named "counter".
                    pub async fn counter(&self, start: u32) -> Result<Counter, private::CallError> {
                        let outbound = private::Outbound::new();
                        let (results, mut inbound) = self
                            .face
                            .carry(&wire::COUNTER_NEW, (start,), outbound)
                            .await?;
                        private::Arrive::arrive(results.0, &mut inbound)
                    }

                    /// Two counters, of 1 and 2.
                    pub async fn make_pair(&self) -> Result<Pair, private::CallError> {
                        let outbound = private::Outbound::new();
                        let (results, mut inbound) =
                            self.face.carry(&wire::MAKE_PAIR, (), outbound).await?;
                        private::Arrive::arrive(results.0, &mut inbound)
                    }

                    /// The sum of the values; the caller keeps its counters.
                    pub async fn sum_list(
                        &self,
                        items: Vec<&Counter>,
                    ) -> Result<u32, private::CallError> {
                        let mut outbound = private::Outbound::new();
                        let args = (private::Depart::depart(items, &mut outbound),);
                        let (results, _) = self.face.carry(&wire::SUM_LIST, args, outbound).await?;
                        Ok(results.0)
                    }

                    /// The sum of the values; drops the counters.
                    pub async fn take_variant(
                        &self,
                        holder: Holder,
                    ) -> Result<u32, private::CallError> {
                        let mut outbound = private::Outbound::new();
                        let args = (private::Depart::depart(holder, &mut outbound),);
                        let (results, _) =
                            self.face.carry(&wire::TAKE_VARIANT, args, outbound).await?;
                        Ok(results.0)
                    }
                }

                /// What crosses.
                pub(in super::super::super) mod wire {
                    #[allow(unused_imports)]
                    use composer::private::{self, prelude::*};

                    #[derive(
                        private::ComponentType, private::Lift, private::Lower, private::Wire,
                    )]
                    #[component(variant)]
                    #[component(wasmtime_crate = composer::private::wasmtime)]
                    #[wire(private, inner)]
                    pub enum Holder {
                        #[component(name = "none")]
                        None,
                        #[component(name = "one")]
                        One(private::ResourceAny),
                        #[component(name = "many")]
                        Many(Vec<private::ResourceAny>),
                    }

                    #[derive(
                        private::ComponentType, private::Lift, private::Lower, private::Wire,
                    )]
                    #[component(record)]
                    #[component(wasmtime_crate = composer::private::wasmtime)]
                    #[wire(private, inner)]
                    pub struct Pair {
                        #[component(name = "left")]
                        pub left: private::ResourceAny,
                        #[component(name = "right")]
                        pub right: private::ResourceAny,
                    }

                    const INTERFACE: Option<&str> = Some("test:resources/counters@0.1.0");

                    pub const COUNTER_NEW: private::Function<(u32,), (private::ResourceAny,)> =
                        private::Function::new(0, INTERFACE, "[constructor]counter");
                    pub const COUNTER_ABSORB: private::Function<
                        (private::ResourceAny, private::ResourceAny),
                        (u32,),
                    > = private::Function::new(1, INTERFACE, "[method]counter.absorb");
                    pub const COUNTER_INCREMENT: private::Function<
                        (private::ResourceAny, u32),
                        (u32,),
                    > = private::Function::new(2, INTERFACE, "[method]counter.increment");
                    pub const MAKE_PAIR: private::Function<(), (Pair,)> =
                        private::Function::new(3, INTERFACE, "make-pair");
                    pub const SUM_LIST: private::Function<(Vec<private::ResourceAny>,), (u32,)> =
                        private::Function::new(4, INTERFACE, "sum-list");
                    pub const TAKE_VARIANT: private::Function<(Holder,), (u32,)> =
                        private::Function::new(5, INTERFACE, "take-variant");
                }

                pub(in super::super::super) fn exported<T: Send + 'static>(
                    registry: &mut private::Registry<T>,
                ) {
                    registry.export(&wire::COUNTER_NEW);
                    registry.export(&wire::COUNTER_ABSORB);
                    registry.export(&wire::COUNTER_INCREMENT);
                    registry.export(&wire::MAKE_PAIR);
                    registry.export(&wire::SUM_LIST);
                    registry.export(&wire::TAKE_VARIANT);
                }

                // `imported(registry)` likewise, with `registry.import(&…)`, where a
                // declared component imports the interface.
            }

            pub mod inspect {
                #[allow(unused_imports)]
                use composer::private::{self, prelude::*};

                pub type Counter = super::counters::Counter;

                #[derive(Clone)]
                pub struct Exports {
                    face: private::Face,
                }

                impl Exports {
                    pub(in super::super::super::super) fn new(face: private::Face) -> Self {
                        Self { face }
                    }

                    /// The value of a counter the caller keeps.
                    pub async fn peek(&self, c: &Counter) -> Result<u32, private::CallError> {
                        let mut outbound = private::Outbound::new();
                        let args = (private::Depart::depart(c, &mut outbound),);
                        let (results, _) = self.face.carry(&wire::PEEK, args, outbound).await?;
                        Ok(results.0)
                    }
                }

                pub(in super::super::super) mod wire {
                    use composer::private;

                    pub const PEEK: private::Function<(private::ResourceAny,), (u32,)> =
                        private::Function::new(6, Some("test:resources/inspect@0.1.0"), "peek");
                }

                pub(in super::super::super) fn exported<T: Send + 'static>(
                    registry: &mut private::Registry<T>,
                ) {
                    registry.export(&wire::PEEK);
                }
            }
        }
    }
}

#[tokio::test]
async fn counters_through_typed_handles() {
    for guest in ["counters", "counters-c"] {
        let counters = part(guest);
        let counting = Counting::compose(CountingParts { counters }).await.unwrap();
        talk(&counting).await;
        // The same over a composition whose parts know nothing of the types.
        talk(&Counting::over(compose(&[guest]).await)).await;
    }
}

async fn talk(counting: &Counting) {
    use counting::test::resources::counters::Holder;

    let counters = counting.counters();
    let one = counters.counter(1).await.unwrap();
    assert_eq!(one.increment(4).await.unwrap(), 5);
    let two = counters.counter(2).await.unwrap();
    assert_eq!(counters.sum_list(vec![&one, &two]).await.unwrap(), 7);
    assert_eq!(counting.inspect().peek(&one).await.unwrap(), 5);
    assert_eq!(one.absorb(two).await.unwrap(), 7);
    let pair = counters.make_pair().await.unwrap();
    let holder = Holder::Many(vec![one, pair.left, pair.right]);
    assert_eq!(counters.take_variant(holder).await.unwrap(), 10);
}
