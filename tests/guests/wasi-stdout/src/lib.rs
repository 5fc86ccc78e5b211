//! A standard output: what others write to it goes to the standard error of this component.

use exports::wasi::cli::stdout::{ErrorCode, Guest};
use wasi::cli::stderr;
use wit_bindgen::{FutureReader, StreamReader};

wit_bindgen::generate!({
    path: "../../wit/wasi-stdout",
    world: "wasi:cli/stdout-guest",
});

struct Stdout;

impl Guest for Stdout {
    fn write_via_stream(data: StreamReader<u8>) -> FutureReader<Result<(), ErrorCode>> {
        stderr::write_via_stream(data)
    }
}

export!(Stdout);
