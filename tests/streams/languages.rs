//! Pipelines of components in several languages.
//!
//! `COMPOSER_STAGE=<file>` adds a stage of another toolchain: `tests/python/build.sh` makes
//! one in Python.

use composer::fused::{FusedComponents, FusedMember};
use composer::wasi::WasiComponent;
use composer::{ComposableDescriptor, Composer, Composition, Value};
use wasmtime::Store;
use wasmtime::component::Linker;

use crate::streams::call;
use crate::support::counters::within;
use crate::support::wasi::Wasi;
use crate::support::{engine, guest_path};

const RUNNER: &str = "test:pipeline/runner@0.1.0";

const RUNNERS: [&str; 2] = ["pipeline-runner", "pipeline-runner-c"];

/// The files of the stages, by their names.
fn stages() -> Vec<(String, std::path::PathBuf)> {
    let known = ["pipeline-stage", "pipeline-stage-c"];
    let mut stages: Vec<_> = known.map(|name| (name.to_owned(), guest_path(name))).into();
    if let Some(file) = std::env::var_os("COMPOSER_STAGE") {
        stages.push(("other-stage".to_owned(), file.into()));
    }
    stages
}

async fn check(composition: &Composition, pair: &str) {
    for (count, chunk) in [
        (0u32, 1u32),
        (1, 1),
        (100, 7),
        (5_000, 3),
        (100_000, 4096),
        (300_000, 100_000),
    ] {
        let args = || [count.into(), chunk.into()];
        println!("{pair}: {count} in pieces of {chunk}");
        let shout = call(composition, RUNNER, "check-shout", args()).await;
        assert_eq!(shout.unwrap(), Value::U32(count), "{pair}");
        let sum: u64 = (0..u64::from(count))
            .map(|i| u64::from(b'a') + i % 26)
            .sum();
        let measure = call(composition, RUNNER, "run-measure", args()).await;
        let measured = Value::Tuple(vec![Value::U64(count.into()), Value::U64(sum)]);
        assert_eq!(measure.unwrap(), measured, "{pair}");
        let double = call(composition, RUNNER, "sum-double", args()).await;
        let sum: u64 = (0..u64::from(count)).map(|i| i * 2).sum();
        assert_eq!(double.unwrap(), Value::U64(sum), "{pair}");
    }
}

/// Each runner with each stage, in stores of their own and in one: the same answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_language_with_each_other() {
    for (stage, file) in stages() {
        let code = composer::load_component(engine(), &file).unwrap();
        for runner in RUNNERS {
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new(
                &*stage,
                WasiComponent::new(code.clone()),
            ));
            composer.add(ComposableDescriptor::new(
                runner,
                crate::support::part(runner),
            ));
            let isolated = composer.compose().await.unwrap();
            check(&isolated, &format!("{runner} with {stage}")).await;

            // An interpreter imports WASI.
            let mut linker = Linker::new(engine());
            wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
            let store = || Store::new(engine(), Wasi::default());
            let mut group = FusedComponents::new(linker, store);
            for (name, file) in [(&*stage, file.clone()), (runner, guest_path(runner))] {
                group.add(FusedMember::from_file(engine(), name, file).unwrap());
            }
            let mut composer = Composer::new();
            composer.add(ComposableDescriptor::new("group", group));
            let fused = composer.compose().await.unwrap();
            check(&fused, &format!("{runner} with {stage}, fused")).await;
            within(isolated.shutdown(std::time::Duration::ZERO)).await;
        }
    }
}
