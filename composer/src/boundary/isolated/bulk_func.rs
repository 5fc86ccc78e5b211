//! Exported functions, bound for calls with values in bulk.

use composer_plan::FuncType;
use wasmtime::Store;
use wasmtime::component::Func;

use crate::boundary::isolated::bound_func::StaticFunc;
use crate::transfer::fast::{FlatLayout, IncomingResults, OutgoingArgs, with_slots};

/// Binds a function for calls with values in bulk, if its type allows it.
pub(crate) fn bind_bulk<T: Send + 'static>(
    func: &Func,
    store: &Store<T>,
    ty: &FuncType,
) -> wasmtime::Result<Option<Box<dyn StaticFunc<T>>>> {
    let Some(layout) = FlatLayout::of(ty) else {
        return Ok(None);
    };
    // The results of a plain function take one slot at most.
    let results = match ty.is_async {
        true => layout.outcome,
        false => 1,
    };
    with_slots!(results, N => {
        let typed = func.typed::<OutgoingArgs, IncomingResults<N>>(store)?;
        Ok(Some(Box::new(typed)))
    })
}
