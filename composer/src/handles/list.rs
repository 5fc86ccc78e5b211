//! The components of a list that `compose!` declared.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use composer_plan::Node;

use crate::assembly::ComposableDescriptor;
use crate::assembly::declaration_check::check_exports_fit;
use crate::assembly::declared::DeclaredComponent;
use crate::composition::{ComponentHandle, Composition, Shutdown};
use crate::error::{AddError, RemoveError, ReplaceError};
use crate::handles::function_table::{FunctionName, FunctionTable};
use crate::sync::lock;

/// The components of a list, by the names that they were given, with their typed handles.
///
/// It shows the components that are there when it is asked: those that the composition
/// began with, and those that were [added](List::add) and not [removed](List::remove).
/// A handle that was taken out stays usable until its component is removed; calls fail
/// with [`CallError::Stopped`](crate::CallError::Stopped) then.
///
/// ```
/// # #[cfg(feature = "macros")]
/// # mod example {
/// # use std::time::Duration;
/// # composer::compose!({
/// #     inline: r#"
/// #         package app:all;
/// #         interface plugin { describe: func() -> string; }
/// #     "#,
/// #     composition: App,
/// #     components: { plugins: [dyn "app:all/plugin"] },
/// # });
/// # async fn list(
/// #     app: App, part: impl composer::Composable + 'static,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// for (name, plugin) in app.plugins() {
///     println!("{name}: {}", plugin.describe().await?);
/// }
///
/// let shout = app.plugins().add(AppParts::plugins("shout", part)?).await?;
/// println!("{}", shout.describe().await?);
/// app.plugins().remove("shout", Duration::from_secs(5)).await?;
/// assert!(app.plugins().get("shout").is_none());
/// # Ok(())
/// # }
/// # }
/// ```
pub struct List<H> {
    inner: Arc<ListInner<H>>,
}

struct ListInner<H> {
    composition: Composition,
    declared: &'static DeclaredComponent,
    functions: &'static [FunctionName],
    /// The functions of the whole composition.
    table: FunctionTable,
    /// The components when the list was last read.
    seen: Mutex<SeenElements<H>>,
}

struct SeenElements<H> {
    version: u64,
    elements: Arc<[ListElement<H>]>,
}

struct ListElement<H> {
    name: String,
    component: ComponentHandle,
    handle: H,
}

impl<H: Clone> Clone for ListElement<H> {
    fn clone(&self) -> Self {
        ListElement {
            name: self.name.clone(),
            component: self.component.clone(),
            handle: self.handle.clone(),
        }
    }
}

impl<H: From<FunctionTable> + Clone> List<H> {
    /// A list of the composition.
    #[doc(hidden)]
    pub fn new(
        composition: &Composition,
        declared: &'static DeclaredComponent,
        functions: &'static [FunctionName],
        table: &FunctionTable,
    ) -> Self {
        let list = ListInner {
            composition: composition.clone(),
            declared,
            functions,
            table: table.clone(),
            seen: Mutex::new(SeenElements {
                version: composition.version(),
                elements: Arc::new([]),
            }),
        };
        let elements = list.find(composition, &[]);
        lock(&list.seen).elements = elements;
        List {
            inner: Arc::new(list),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.present().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.present().is_empty()
    }

    /// The one of this name.
    pub fn get(&self, name: &str) -> Option<H> {
        let present = self.present();
        let mut elements = present.iter();
        let element = elements.find(|element| element.name == name);
        element.map(|element| element.handle.clone())
    }

    /// All that are there now with their names: those that the composition began with in
    /// the order in which they were given, then those that were added, in that order.
    pub fn iter(&self) -> ListIter<H> {
        let elements = self.present();
        ListIter {
            places: 0..elements.len(),
            elements,
        }
    }

    /// Adds a component while the composition runs. The function of the generated parts
    /// that has the list's name makes it: `AppParts::plugins("name", part)`.
    ///
    /// # Errors
    ///
    /// As [`Composition::add`], and [`AddError::OtherList`] for a part that is not for this
    /// list.
    ///
    /// # Cancellation
    ///
    /// As for [`Composition::add`].
    pub async fn add(&self, part: ComposableDescriptor) -> Result<H, AddError> {
        if !self.inner.is_for(&part) {
            return Err(AddError::OtherList {
                list: self.inner.declared.name.to_owned(),
                found: part.name,
            });
        }
        let component = self.inner.composition.add(part).await?;
        Ok(self.inner.handle(&component))
    }

    /// Puts another version in the place of the component of the same name, as
    /// [`ComponentHandle::replace`] does. Handles that were taken out lead to the new one.
    ///
    /// # Errors
    ///
    /// As [`ComponentHandle::replace`], [`ReplaceError::Lookup`] if there is none, and
    /// [`ReplaceError::OtherList`] for a part that is not for this list.
    ///
    /// # Cancellation
    ///
    /// As for [`ComponentHandle::replace`].
    ///
    /// # Panics
    ///
    /// In a tokio runtime that was built without timers, as tokio itself does.
    pub async fn replace(
        &self,
        part: ComposableDescriptor,
        grace: Duration,
    ) -> Result<(), ReplaceError> {
        if !self.inner.is_for(&part) {
            return Err(ReplaceError::OtherList {
                list: self.inner.declared.name.to_owned(),
                found: part.name,
            });
        }
        let component = self.inner.composition.component(&part.name)?;
        component.replace(part, grace).await
    }

    /// Removes the component of this name, as [`ComponentHandle::remove`] does.
    ///
    /// # Errors
    ///
    /// As [`ComponentHandle::remove`], and [`RemoveError::Lookup`] if there is none.
    ///
    /// # Cancellation
    ///
    /// As for [`ComponentHandle::remove`].
    ///
    /// # Panics
    ///
    /// In a tokio runtime that was built without timers, as tokio itself does.
    pub async fn remove(&self, name: &str, grace: Duration) -> Result<Shutdown, RemoveError> {
        let element = element(self.inner.declared.name, name);
        let component = self.inner.composition.component(&element)?;
        component.remove(grace).await
    }

    /// The components that are there now. Handles are looked up once for each component.
    fn present(&self) -> Arc<[ListElement<H>]> {
        let ListInner {
            composition, seen, ..
        } = &*self.inner;
        let mut seen = lock(seen);
        let version = composition.version();
        if seen.version != version {
            seen.elements = self.inner.find(composition, &seen.elements);
            seen.version = version;
        }
        seen.elements.clone()
    }
}

impl<H: From<FunctionTable> + Clone> ListInner<H> {
    fn find(&self, composition: &Composition, known: &[ListElement<H>]) -> Arc<[ListElement<H>]> {
        let prefix = element(self.declared.name, "");
        // One that was added under such a name in another way may be anything.
        let declared = self.declared.world.read();
        let is_one = |node: &Node| check_exports_fit(&node.world, &declared).is_ok();
        let components = composition.elements(&prefix, is_one).into_iter();
        let elements = components.filter_map(|component| {
            let name = component.name().strip_prefix(&prefix)?.to_owned();
            let mut known = known.iter();
            let same = known.find(|known| known.component.is_same(&component));
            Some(same.cloned().unwrap_or_else(|| ListElement {
                name,
                handle: self.handle(&component),
                component,
            }))
        });
        elements.collect()
    }

    fn handle(&self, component: &ComponentHandle) -> H {
        H::from(self.table.of_component(component, self.functions))
    }

    fn is_for(&self, part: &ComposableDescriptor) -> bool {
        let declared = part.declared.map(std::ptr::from_ref);
        declared == Some(std::ptr::from_ref(self.declared))
    }
}

/// The name in the composition of a component of a list.
pub(crate) fn element(list: &str, name: &str) -> String {
    format!("{list}/{name}")
}

impl<H> Clone for List<H> {
    fn clone(&self) -> Self {
        List {
            inner: self.inner.clone(),
        }
    }
}

impl<H> fmt::Debug for List<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = lock(&self.inner.seen);
        let names = seen.elements.iter().map(|element| &element.name);
        write!(f, "List({}, ", self.inner.declared.name)?;
        f.debug_list().entries(names).finish()?;
        f.write_str(")")
    }
}

/// The components of a list at one moment. See [`List::iter`].
pub struct ListIter<H> {
    places: Range<usize>,
    elements: Arc<[ListElement<H>]>,
}

impl<H> fmt::Debug for ListIter<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.elements[self.places.clone()].iter();
        f.debug_list().entries(left.map(|one| &one.name)).finish()
    }
}

impl<H: Clone> Iterator for ListIter<H> {
    type Item = (String, H);

    fn next(&mut self) -> Option<Self::Item> {
        let element = &self.elements[self.places.next()?];
        Some((element.name.clone(), element.handle.clone()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl<H: Clone> ExactSizeIterator for ListIter<H> {}

impl<H: From<FunctionTable> + Clone> IntoIterator for &List<H> {
    type Item = (String, H);
    type IntoIter = ListIter<H>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
