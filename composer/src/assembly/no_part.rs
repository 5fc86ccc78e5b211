//! The type of parts of which there are none.

use crate::assembly::sealed::Part;
use crate::assembly::{Composable, DescribedPart};
use crate::error::PartError;

/// A part that cannot exist: the type of the parts of a list that begins
/// [empty](no_parts).
#[derive(Clone, Copy, Debug)]
pub enum NoPart {}

impl Composable for NoPart {}

impl Part for NoPart {
    fn read(self: Box<Self>, _name: &str) -> Result<DescribedPart, PartError> {
        match *self {}
    }
}

/// No parts, for a list of a [`compose!`](crate::compose!) that begins empty.
///
/// `Vec::new()` would leave the type of its parts open. What is
/// [added](crate::List::add) later may be of any type.
///
/// ```
/// # #[cfg(feature = "macros")]
/// # mod example {
/// # composer::compose!({
/// #     inline: "package app:all; interface plugin { describe: func() -> string; }",
/// #     composition: App,
/// #     components: { plugins: [dyn "app:all/plugin"] },
/// # });
/// # async fn start() -> Result<(), composer::CompositionError> {
/// let app = App::compose(AppParts { plugins: composer::no_parts() }).await?;
/// assert!(app.plugins().is_empty());
/// # Ok(())
/// # }
/// # }
/// ```
pub fn no_parts() -> Vec<(String, NoPart)> {
    Vec::new()
}
