//! Helpers of property tests: the number of cases, and a runtime, since proptest does not
//! support futures.

use std::future::Future;

use proptest::test_runner::{Config, contextualize_config};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::counters::AMPLE;

/// As many cases as there is time for. `PROPTEST_CASES` in the environment
/// says otherwise, and `PROPTEST_RNG_SEED` makes a run repeatable. Failures are
/// printed, not kept in files.
pub(crate) fn cases(cases: u32) -> Config {
    contextualize_config(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

/// A runtime on which nothing hangs: what takes longer than any test ever
/// should makes it fail.
pub(crate) struct Bounded(Runtime);

impl Bounded {
    pub(crate) fn new() -> Self {
        Bounded(Builder::new_current_thread().enable_all().build().unwrap())
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let bounded = async { timeout(AMPLE, future).await };
        self.0
            .block_on(bounded)
            .expect("no test should take this long")
    }
}
