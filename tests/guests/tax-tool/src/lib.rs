//! A program that needs another component: for each line that it reads, it prints the region
//! of the tax component, and at `end` it ends.

use std::io::{self, BufRead};

use shop::tax::rates;

wit_bindgen::generate!({
    path: ["../../../wit/shop-tax", "wit"],
    world: "test:tax-tool/tax-tool",
    generate_all,
});

wasip2::cli::command::export!(Tool);

struct Tool;

impl wasip2::exports::cli::run::Guest for Tool {
    fn run() -> Result<(), ()> {
        println!("begins");
        for line in io::stdin().lock().lines() {
            match line.map_err(|_| ())?.as_str() {
                "end" => break,
                line => println!("{line} {}", rates::region()),
            }
        }
        Ok(())
    }
}
