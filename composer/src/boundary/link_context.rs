//! Link contexts: what a part needs of its composition to be linked.

use std::sync::Arc;

use composer_plan::{RefusedFunction, World};

use crate::assembly::PartData;
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
    /// The functions of each import that cannot be called, in the same order.
    pub(crate) refused: Vec<Vec<RefusedFunction>>,
    /// How many calls wait in its inbox at most, if the embedder set a number.
    pub(crate) inbox: Option<usize>,
    /// The embedder's value that belongs to the part.
    pub(crate) data: Option<PartData>,
    /// The limits that its drivers enforce.
    pub(crate) rules: Option<Arc<LimitRules>>,
}

impl LinkContext {
    /// Why a function of an import cannot be called, if it cannot. The function is `None`
    /// if the import is itself the function.
    pub(crate) fn refusal(
        &self,
        import: usize,
        function: Option<&str>,
    ) -> Option<&RefusedFunction> {
        let mut refused = self.refused.get(import)?.iter();
        refused.find(|refused| refused.function.as_deref() == function)
    }
}
