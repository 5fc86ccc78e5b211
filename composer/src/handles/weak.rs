//! Typed handles that keep nothing running.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::composition::{Composition, WeakComposition};

/// A composition that `compose!` generated. Only the macro implements it.
pub trait TypedComposition: Sized {
    /// What its handles lead to.
    #[doc(hidden)]
    type Handles;

    #[doc(hidden)]
    fn into_parts(self) -> (Arc<Self::Handles>, Composition);

    #[doc(hidden)]
    fn from_parts(handles: Option<Arc<Self::Handles>>, composition: Composition) -> Self;
}

/// A handle to a composition that `compose!` generated, which does not keep it running.
///
/// It is what a function of the program's own that calls back into the composition should
/// hold: the composition owns the components, their linkers own the function, and a
/// handle that counted would keep all of them for ever.
///
/// ```
/// # #[cfg(feature = "macros")]
/// # mod example {
/// use std::sync::{Arc, OnceLock};
/// use composer::WeakHandle;
///
/// composer::compose!({
///     inline: r#"
///         package app:all;
///         interface program { translate: func(word: string) -> string; }
///         interface words { find: func(word: string) -> string; }
///         world dictionary { export words; }
///         interface pages { print: func(text: string) -> string; }
///         world printer { import program; export pages; }
///     "#,
///     composition: App,
///     components: { dictionary: "app:all/dictionary", printer: "app:all/printer" },
///     host: [async "app:all/program"],
///     exports: ["app:all/words", "app:all/pages"],
/// });
///
/// #[derive(Clone, Default)]
/// struct Program {
///     app: Arc<OnceLock<WeakHandle<App>>>,
/// }
///
/// impl app::app::all::program::Host for Program {
///     async fn translate(&self, word: String) -> String {
///         // The printer waits for this, and the dictionary answers.
///         match self.app.get().and_then(WeakHandle::upgrade) {
///             Some(app) => app.words().find(&word).await.unwrap_or(word),
///             None => word,
///         }
///     }
/// }
///
/// # async fn start(
/// #     dictionary: wasmtime::component::Component, printer: wasmtime::component::Component,
/// # ) -> Result<(), composer::CompositionError> {
/// let program = Program::default();
/// let app = App::compose(AppParts { dictionary, printer }, program.clone()).await?;
/// let _ = program.app.set(app.downgrade());
/// # Ok(())
/// # }
/// # }
/// ```
pub struct WeakHandle<C: TypedComposition> {
    handles: Weak<C::Handles>,
    composition: WeakComposition,
}

impl<C: TypedComposition> WeakHandle<C> {
    #[doc(hidden)]
    pub fn new(of: C) -> Self {
        let (handles, composition) = of.into_parts();
        WeakHandle {
            handles: Arc::downgrade(&handles),
            composition: composition.downgrade(),
        }
    }

    /// The composition, if a handle of any kind still keeps it running.
    pub fn upgrade(&self) -> Option<C> {
        let composition = self.composition.upgrade()?;
        Some(C::from_parts(self.handles.upgrade(), composition))
    }
}

impl<C: TypedComposition> Clone for WeakHandle<C> {
    fn clone(&self) -> Self {
        WeakHandle {
            handles: self.handles.clone(),
            composition: self.composition.clone(),
        }
    }
}

impl<C: TypedComposition> fmt::Debug for WeakHandle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.composition.fmt(f)
    }
}
