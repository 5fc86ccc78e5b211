//! A program as a shell runs it: it prints its arguments, what it reads in capitals, and
//! something to its standard error. With `exit` and a number it ends with that code, with
//! `fail` it fails, and with `panic` it panics.

use std::io::{self, BufRead};

wasip2::cli::command::export!(Tool);

struct Tool;

impl wasip2::exports::cli::run::Guest for Tool {
    fn run() -> Result<(), ()> {
        let args: Vec<String> = std::env::args().collect();
        println!("{}", args.join(" "));
        for line in io::stdin().lock().lines() {
            println!("{}", line.map_err(|_| ())?.to_uppercase());
        }
        eprintln!("done");
        match args.get(1).map(String::as_str) {
            Some("exit") => std::process::exit(args[2].parse().map_err(|_| ())?),
            Some("fail") => Err(()),
            Some("panic") => panic!("as it was told"),
            _ => Ok(()),
        }
    }
}
