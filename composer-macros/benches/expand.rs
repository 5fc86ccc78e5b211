//! How long the macro itself works, and that it grows with the WIT and not with
//! its square: a composition of two worlds that share 1 to 100 interfaces of
//! twenty functions each.
//!
//! A macro crate offers nothing but macros, so its modules are taken in here.

#![allow(
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub,
    unused_imports
)]

#[path = "../src/ast.rs"]
mod ast;
#[path = "../src/bindings/mod.rs"]
mod bindings;
#[path = "../src/check/mod.rs"]
mod check;
#[path = "../src/errors.rs"]
mod errors;
#[path = "../src/expand/mod.rs"]
mod expand;
#[path = "../src/keys.rs"]
mod keys;
#[path = "../src/labels.rs"]
mod labels;
#[path = "../src/load.rs"]
mod load;
#[path = "../src/parse.rs"]
mod parse;
mod scale;
#[path = "../src/stages.rs"]
mod stages;

use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use quote::quote;

fn expand_all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("expand");
    group.sample_size(10);
    for interfaces in [1, 10, 100] {
        let wit = scale::wit(interfaces);
        let exports = (0..interfaces).map(|i| format!("bench:scale/i{i}"));
        let input = quote! {
            inline: #wit,
            composition: Scale,
            components: { provider: "bench:scale/provider", user: "bench:scale/user" },
            exports: [#(#exports),*],
        };
        let expanded = stages::run(input.clone(), Path::new("")).to_string();
        assert!(!expanded.contains("compile_error"), "{expanded}");
        println!("{interfaces} interfaces: {} bytes of code", expanded.len());
        group.throughput(Throughput::Elements(interfaces as u64));
        group.bench_function(BenchmarkId::from_parameter(interfaces), |b| {
            b.iter(|| stages::run(input.clone(), Path::new("")));
        });
    }
    group.finish();
}

criterion_group!(benches, expand_all);
criterion_main!(benches);
