//! Clocks that stand still, and an environment of its own.

use exports::wasi::cli::environment;
use exports::wasi::clocks::{monotonic_clock, wall_clock};

wit_bindgen::generate!({
    path: "../../wit/virtualization",
    world: "test:virtualization/clocks-guest",
    generate_all,
});

struct Clocks;

impl wall_clock::Guest for Clocks {
    fn now() -> wall_clock::Datetime {
        wall_clock::Datetime {
            seconds: 86_400,
            nanoseconds: 0,
        }
    }

    fn resolution() -> wall_clock::Datetime {
        wall_clock::Datetime {
            seconds: 1,
            nanoseconds: 0,
        }
    }
}

impl monotonic_clock::Guest for Clocks {
    fn now() -> u64 {
        42
    }

    fn resolution() -> u64 {
        1
    }
}

impl environment::Guest for Clocks {
    fn get_environment() -> Vec<(String, String)> {
        vec![("REGION".to_owned(), "virtual".to_owned())]
    }

    fn get_arguments() -> Vec<String> {
        Vec::new()
    }

    fn initial_cwd() -> Option<String> {
        None
    }
}

export!(Clocks);
