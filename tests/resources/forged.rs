//! Guests that use handles they never received, or no longer have. Each such use ends
//! that guest and no other.

use composer::{
    CallError, ComponentState, ComposableDescriptor, Composer, DeathCause, ResourceHandle, Value,
};

use crate::support::counters::{Counters, OWNERS, USER, number, within};
use crate::support::part;
use crate::support::wat::wat_part;

/// `forger.wat` beside an honest user of the same counters.
struct Forgery {
    counters: Counters,
    /// A counter of the embedder's, of 77.
    bystander: ResourceHandle,
}

async fn forgery(owner: &str) -> Forgery {
    let mut composer = Composer::new();
    composer.add(ComposableDescriptor::new("owner", part(owner)));
    composer.add(ComposableDescriptor::new("user", part("counters-user")));
    composer.add(ComposableDescriptor::new(
        "forger",
        wat_part("forger", |_| ()),
    ));
    let counters = Counters::run(composer).await;
    // Handles of others, whose numbers the forger might guess.
    let bystander = counters.make(77).await;
    counters.call("user", USER, "hold", [3u32.into()]).await;
    Forgery {
        counters,
        bystander,
    }
}

impl Forgery {
    async fn forge(&self, name: &str, args: Vec<Value>) -> Result<Option<Value>, CallError> {
        let forger = self.counters.composition.component("forger").unwrap();
        forger.get_func(None, name).unwrap().call_owned(args).await
    }

    /// The forger must have died of this, and of nothing it was told by
    /// another component; everybody else goes on.
    async fn assert_fatal(self, what: &str, result: Result<Option<Value>, CallError>) {
        let counters = &self.counters;
        let error = result.expect_err(what);
        assert!(matches!(error, CallError::Failed { .. }), "{what}: {error}");
        let death = error.death().unwrap();
        assert_eq!(death.component, "forger", "{what}");
        assert!(
            !matches!(death.cause, DeathCause::Import(_)),
            "{what}: {error}"
        );
        assert!(
            matches!(counters.status("forger").state, ComponentState::Dead(_)),
            "{what}"
        );
        let next = self.forge("own", vec![]).await.unwrap_err();
        assert!(matches!(next, CallError::Dead { .. }), "{what}: {next}");

        assert_eq!(counters.value(&self.bystander).await, 77, "{what}");
        assert_eq!(
            number(counters.call("user", USER, "release", []).await),
            3,
            "{what}"
        );
        drop(self.bystander);
        // What the forger had is destroyed too.
        counters.none_left().await;
    }
}

#[tokio::test]
async fn an_honest_guest_lives() {
    within(async {
        for owner in OWNERS {
            let Forgery {
                counters,
                bystander,
            } = forgery(owner).await;
            let forger = counters.composition.component("forger").unwrap();
            let own = forger.get_func(None, "own").unwrap();
            assert_eq!(own.call_owned([]).await.unwrap(), Some(Value::U32(5)));
            assert_eq!(counters.live().await, 5);
            drop(bystander);
        }
    })
    .await;
}

#[tokio::test]
async fn handles_never_given() {
    within(async {
        for owner in OWNERS {
            for function in ["use", "drop", "return"] {
                for handle in [0u32, 1, 2, 3, 1000, 0x7fff_ffff, u32::MAX] {
                    let forgery = forgery(owner).await;
                    let result = forgery.forge(function, vec![handle.into()]).await;
                    forgery
                        .assert_fatal(&format!("{function} {handle}"), result)
                        .await;
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn handles_of_before() {
    within(async {
        for owner in OWNERS {
            for function in ["use-dropped", "drop-twice", "use-given", "give-and-lend"] {
                let forgery = forgery(owner).await;
                forgery.forge("own", vec![]).await.unwrap();
                let result = forgery.forge(function, vec![]).await;
                forgery.assert_fatal(function, result).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn borrowed_handles() {
    within(async {
        for owner in OWNERS {
            for function in ["give-borrowed", "return-borrowed", "keep-borrowed"] {
                let forgery = forgery(owner).await;
                forgery.forge("own", vec![]).await.unwrap();
                let borrow = forgery.bystander.borrow();
                let result = forgery.forge(function, vec![borrow.into()]).await;
                forgery.assert_fatal(function, result).await;
            }
        }
    })
    .await;
}

/// A borrow that a guest drops is gone for it, not for the owner.
#[tokio::test]
async fn a_borrow_dropped_is_no_resource_dropped() {
    within(async {
        for owner in OWNERS {
            let forgery = forgery(owner).await;
            for _ in 0..3 {
                let borrow = forgery.bystander.borrow();
                forgery
                    .forge("drop-borrowed", vec![borrow.into()])
                    .await
                    .unwrap();
                assert_eq!(forgery.counters.value(&forgery.bystander).await, 77);
            }
            assert_eq!(forgery.counters.tables("forger"), (4, 0));
        }
    })
    .await;
}

/// What one function left behind is no handle in a later call.
#[tokio::test]
async fn a_borrow_does_not_outlive_its_call() {
    within(async {
        for owner in OWNERS {
            let forgery = forgery(owner).await;
            let borrow = forgery.bystander.borrow();
            forgery
                .forge("drop-borrowed", vec![borrow.into()])
                .await
                .unwrap();
            let result = forgery.forge("use", vec![1u32.into()]).await;
            forgery.assert_fatal("use 1", result).await;
        }
    })
    .await;
}
