//! Traps while it is being instantiated. See `hostile-start` for how.

use exports::test::hostile::started::Guest;

wit_bindgen::generate!({
    path: [
        "../../wit/resources",
        "../../wit/text",
        "../../wit/hostile",
    ],
    world: "test:hostile/hostile-start-trap",
});

extern "C" fn start() {
    core::arch::wasm32::unreachable()
}

#[cfg(target_os = "wasi")]
#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = start;

#[cfg(not(target_os = "wasi"))]
#[unsafe(export_name = "_initialize")]
extern "C" fn initialize() {
    start();
}

struct Start;

impl Guest for Start {
    fn value() -> String {
        unreachable!("there is no instance to call")
    }
}

export!(Start);
