//! Calls its import while it is being instantiated.

use exports::test::hostile::started::Guest;
use std::sync::OnceLock;
use test::text::transform;

wit_bindgen::generate!({
    path: [
        "../../wit/resources",
        "../../wit/text",
        "../../wit/hostile",
    ],
    world: "test:hostile/hostile-start",
    generate_all,
});

static ANSWER: OnceLock<String> = OnceLock::new();

extern "C" fn start() {
    ANSWER.get_or_init(|| transform::apply("start"));
}

/// A component's module has no start function of its own: instantiation calls
/// `_initialize`. WASI's C library has one, which runs the constructors.
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
        ANSWER.get().cloned().unwrap_or_default()
    }
}

export!(Start);
