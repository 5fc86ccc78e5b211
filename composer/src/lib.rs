//! Composer.

mod composable;
mod composer;
mod composition;
mod error;
mod instance;
mod link;
mod load;
mod resource;
mod transfer;
mod world;

pub use composable::{Composable, ComposableComponent, ComposableInstance, ExportFilter, Filtered};
pub use composer::{ComposableDescriptor, Composer};
pub use composer_plan::{
    Boundary, Export, ExportKind, ExportPattern, FuncType, Link, Name, Plan, PlanError, PlanErrors,
    PlannedComponent, Source, Type, UnknownExports, World,
};
pub use composition::{
    ComponentHandle, ComponentState, ComponentStatus, Composition, ExportFunc, Shutdown, Value,
    WeakComposition,
};
pub use error::{
    CallError, CompositionError, LoadError, LookupError, PartError, PartErrors, Site, StartError,
};
pub use instance::{BacktraceFrame, Death, DeathCause};
pub use load::{component_from_bytes, load_component};
pub use resource::{ResourceBorrow, ResourceHandle};
