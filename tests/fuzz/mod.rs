//! Random types. The tests generate guests for them, and send the same values through
//! these in three ways: in bulk, one `Val` at a time, and in one store, where wasmtime
//! alone passes them on. All three must agree.
//!
//! `PROPTEST_CASES` sets how many sets of types are tried, and `PROPTEST_RNG_SEED` which
//! ones; see CONTRIBUTING.md.

mod flow;
mod guests;
mod layout;
mod shape;
mod sound;
mod spec;
mod spoilt;
mod text;
mod things;
mod walk;
mod ways;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use self::spec::{Spec, specs, wit};
use self::ways::Ways;
use crate::support::property::cases;

/// Checks a property on the guests of random specs.
fn each_spec(count: u32, check: impl Fn(&Spec, &Ways) -> Result<(), TestCaseError>) {
    let run = |spec: Spec| {
        let checked = check(&spec, &Ways::new(&spec));
        checked.map_err(|error| TestCaseError::fail(format!("{error}\n{}", wit(&spec))))
    };
    let outcome = TestRunner::new(cases(count)).run(&specs(4), run);
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Checks a property on random values for one function of a spec. The values are always
/// the same for the same spec, so that a failure persists while the spec is simplified.
fn each_value<S: Strategy>(
    spec: &Spec,
    function: usize,
    count: u32,
    values: &S,
    check: impl Fn(S::Value) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let config = Config {
        cases: count,
        failure_persistence: None,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&spec.seed.to_le_bytes());
    seed[8] = function as u8;
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let outcome = TestRunner::new_with_rng(config, rng).run(values, check);
    outcome.map_err(|error| TestCaseError::fail(format!("f{function}: {error}")))
}
