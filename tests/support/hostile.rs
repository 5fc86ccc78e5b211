//! The guest that fails on demand, beside one that is unaffected.

use std::sync::Arc;

use composer::{
    CallError, ComponentState, ComponentStatus, Composable, ComposableDescriptor, Composer,
    Composition, Death, Value,
};

use super::{call, part};

pub(crate) const FAULTS: &str = "test:hostile/faults@0.1.0";

/// A composition of `hostile` and a `bystander`.
pub(crate) struct Hostile {
    pub(crate) composition: Composition,
}

impl Hostile {
    pub(crate) async fn start() -> Hostile {
        Hostile::with(part("hostile")).await
    }

    /// Starts with this part for `hostile`.
    pub(crate) async fn with(hostile: impl Composable + 'static) -> Hostile {
        let mut composer = Composer::new();
        composer.add(ComposableDescriptor::new("hostile", hostile));
        composer.add(ComposableDescriptor::new("bystander", part("text-base")));
        Hostile {
            composition: composer.compose().await.unwrap(),
        }
    }

    /// Calls a function of `faults`.
    pub(crate) async fn call(
        &self,
        name: &str,
        args: impl IntoIterator<Item = Value>,
    ) -> Result<Option<Value>, CallError> {
        let func = self.composition.get_func(Some(FAULTS), name).unwrap();
        func.call_owned(args).await
    }

    pub(crate) fn status(&self) -> ComponentStatus {
        self.composition.component("hostile").unwrap().status()
    }

    /// The death that a call of `hostile` failed with, which must name it.
    pub(crate) fn death(&self, name: &str, error: &CallError) -> Arc<Death> {
        let CallError::Failed { site, death } = error else {
            panic!("{name}: {error}");
        };
        assert_eq!(site.component, "hostile");
        assert_eq!(site.interface.as_deref(), Some(FAULTS));
        assert_eq!(site.function, name);
        assert_eq!(death.component, "hostile");
        death.clone()
    }

    /// Later calls must fail at once because of the same death, and the
    /// bystander must go on.
    pub(crate) async fn assert_dead_alone(&self, death: &Arc<Death>) {
        for name in ["ok", "trap"] {
            match self.call(name, []).await {
                Err(CallError::Dead { site, death: given }) => {
                    assert_eq!((&*site.component, &*site.function), ("hostile", name));
                    assert!(Arc::ptr_eq(&given, death));
                }
                other => panic!("{other:?}"),
            }
        }
        match self.status().state {
            ComponentState::Dead(given) => assert!(Arc::ptr_eq(&given, death)),
            other => panic!("{other:?}"),
        }
        let text = call(
            &self.composition,
            "test:text/transform",
            "apply",
            [" go on ".into()],
        );
        assert_eq!(text.await, Value::String("go on".into()));
    }
}
