//! A running component: its store, who may talk to it, and how.
//!
//! Everybody else holds a [`Slot`]. The store itself belongs to one driver
//! task, which takes calls from the slot's inbox.

mod activity;
mod bound;
#[cfg(feature = "runtime")]
mod compute;
mod context;
mod death;
mod direct;
mod driver;
#[cfg(feature = "metrics")]
mod figures;
#[cfg(not(feature = "metrics"))]
#[path = "no_figures.rs"]
mod figures;
#[cfg(feature = "fast-transfer")]
mod flow;
mod frame;
mod in_flight;
mod inbox;
mod line;
#[cfg(feature = "runtime")]
mod meter;
#[cfg(not(feature = "runtime"))]
#[path = "unmetered.rs"]
mod meter;
mod open_call;
mod outline;
mod post;
mod run;
mod seat;
mod shared;
mod shown;
mod slot;
#[cfg(feature = "runtime")]
mod ticker;
mod told;

pub(crate) use activity::{Activity, Busy};
pub(crate) use bound::{BoundFunc, StaticFunc};
pub(crate) use context::{Driving, call_from_host};
pub use death::{Death, DeathCause, Frame as BacktraceFrame};
pub(crate) use direct::{Called, DirectCalls, Outcome};
pub(crate) use driver::Driver;
pub(crate) use figures::restarted;
#[cfg(feature = "fast-transfer")]
pub(crate) use flow::bind_flow;
pub(crate) use frame::{Frame, Freeze, check_cycle};
pub(crate) use inbox::InboxReceiver;
pub(crate) use line::{CallInLine, LetIn};
pub(crate) use meter::Rules;
#[cfg(feature = "runtime")]
pub(crate) use meter::Used;
pub(crate) use outline::{ExportedFunc, Outline};
pub(crate) use post::{Entered, Inside, Post, Spot, Spots, WhileDown};
pub(crate) use seat::Seat;
pub(crate) use shared::Instance;
pub(crate) use slot::{Answer, Callee, Lend, MadeBy, Request, Slot, answered, call, lock, send};
#[cfg(feature = "runtime")]
pub(crate) use ticker::Ticker;
pub(crate) use told::{Asked, By};
