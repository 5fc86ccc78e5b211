//! Greets the user whom its host's context tells.

use std::cell::RefCell;

use exports::plugin::context::plugin::Guest;
use plugin::context::contexts::Context;

wit_bindgen::generate!({
    path: "../../../wit/plugin-context",
    world: "plugin:context/plugin-guest",
});

thread_local! {
    static KEPT: RefCell<Option<Context>> = const { RefCell::new(None) };
}

struct Greeter;

impl Guest for Greeter {
    fn on_load(context: Context) {
        context.log(&format!("loaded for {}", context.user()));
        KEPT.set(Some(context));
    }

    fn greet(context: &Context, greeting: String) -> String {
        context.log("greeted");
        format!("{greeting}, {}!", context.user())
    }

    fn on_unload() -> Option<Context> {
        KEPT.take()
    }
}

export!(Greeter);
