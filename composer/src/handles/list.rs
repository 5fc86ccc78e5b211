//! The components of a list that `compose!` declared.

use std::sync::Arc;

use crate::composition::Composition;
use crate::handles::function_table::{FunctionName, FunctionTable};

/// The handles of the components of a list, by the names that they were given.
///
/// ```
/// # #[cfg(feature = "macros")]
/// # mod example {
/// # composer::compose!({
/// #     inline: r#"
/// #         package app:all;
/// #         interface plugin { describe: func() -> string; }
/// #     "#,
/// #     composition: App,
/// #     components: { plugins: [dyn "app:all/plugin"] },
/// # });
/// # async fn list(app: App) -> Result<(), composer::CallError> {
/// for (name, plugin) in app.plugins() {
///     println!("{name}: {}", plugin.describe().await?);
/// }
/// let shout = app.plugins().get("shout");
/// # Ok(())
/// # }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct List<H> {
    elements: Arc<[(String, H)]>,
}

impl<H> List<H> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// The one of this name.
    pub fn get(&self, name: &str) -> Option<&H> {
        self.iter()
            .find(|(n, _)| *n == name)
            .map(|(_, handle)| handle)
    }

    /// All of them with their names, in the order in which they were added.
    pub fn iter(&self) -> ListIter<'_, H> {
        ListIter(self.elements.iter())
    }
}

impl<H: From<FunctionTable>> List<H> {
    /// Finds the components of the list `name`.
    #[doc(hidden)]
    pub fn new(
        composition: &Composition,
        name: &str,
        functions: &[FunctionName],
        table: &FunctionTable,
    ) -> Self {
        let prefix = element(name, "");
        let layout = composition.layout();
        let names = layout.graph.nodes.iter().map(|node| &*node.name);
        let elements = names.filter_map(|component| {
            let name = component.strip_prefix(&prefix)?;
            let component = composition.component(component).ok()?;
            let table = table.of_component(&component, functions);
            Some((name.to_owned(), H::from(table)))
        });
        List {
            elements: elements.collect(),
        }
    }
}

/// The name in the composition of a component of a list.
pub(crate) fn element(list: &str, name: &str) -> String {
    format!("{list}/{name}")
}

/// See [`List::iter`].
#[derive(Clone, Debug)]
pub struct ListIter<'l, H>(std::slice::Iter<'l, (String, H)>);

impl<'l, H> Iterator for ListIter<'l, H> {
    type Item = (&'l str, &'l H);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, handle)| (&**name, handle))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<H> ExactSizeIterator for ListIter<'_, H> {}

impl<'l, H> IntoIterator for &'l List<H> {
    type Item = (&'l str, &'l H);
    type IntoIter = ListIter<'l, H>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
