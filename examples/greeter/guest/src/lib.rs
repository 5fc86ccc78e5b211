//! A component that greets.

use exports::local::greetings::greet::Guest;

wit_bindgen::generate!({ path: "wit", world: "guest" });

struct Greeter;

impl Guest for Greeter {
    fn greet(name: String) -> String {
        format!("Hello, {name}!")
    }
}

export!(Greeter);
