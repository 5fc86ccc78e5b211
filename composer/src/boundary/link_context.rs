//! Link contexts: what a part needs of its composition to be linked.

use std::sync::Arc;

use composer_plan::World;

use crate::boundary::binding::PlannedSource;
use crate::limits::meter::LimitRules;

/// The context in which a part is linked.
pub(crate) struct LinkContext {
    /// Its name in the composition.
    pub(crate) name: String,
    /// What it imports and what it lets others see.
    pub(crate) world: Arc<World>,
    /// Where its imports come from, in the order of its world.
    pub(crate) sources: Vec<PlannedSource>,
    /// How many calls wait in its inbox at most, if the embedder set a number.
    pub(crate) inbox: Option<usize>,
    /// The limits that its drivers enforce.
    pub(crate) rules: Option<Arc<LimitRules>>,
}
