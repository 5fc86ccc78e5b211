//! Functions of the program: who may have them, who calls them, and how they fail.

mod caller;
mod combined;
mod failures;
mod spinning;

use composer::wasi::State;
use wasmtime::component::Linker;

/// The interface that layers of text import and export.
const TRANSFORM: &str = "test:text/transform@0.1.0";

/// Defines the function below a layer.
fn apply(
    linker: &mut Linker<State>,
    apply: impl Fn(&mut State, String) -> wasmtime::Result<String> + Send + Sync + 'static,
) -> wasmtime::Result<()> {
    let mut transform = linker.instance(TRANSFORM)?;
    transform.func_wrap("apply", move |mut store, (text,): (String,)| {
        Ok((apply(store.data_mut(), text)?,))
    })
}
