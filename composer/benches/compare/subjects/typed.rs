//! Isolated components whose worlds `compose!` knows.

use super::ours::{Composed, bare, hosted};
use crate::case::{Case, Compiler};

macro_rules! worlds {
    ($module:ident, $part:ident, $callee:literal, $caller:literal, $export:literal $(, $linker:literal)?) => {
        pub(crate) mod $module {
            use super::{Case, Compiler, Composed, $part};

            composer::compose!({
                path: [
                    "benches/compare/wit",
                    "../tests/wit/values",
                    "../tests/wit/resources",
                    "../tests/wit/flow",
                ],
                composition: Pair,
                components: { callee: $callee, caller: $caller },
                linker: [$($linker)?],
                exports: [$export],
            });

            pub(crate) async fn ready(compiler: &Compiler, case: &Case) -> Composed {
                let parts = PairParts {
                    callee: $part(compiler, case, 0),
                    caller: $part(compiler, case, 1),
                };
                let pair = Pair::compose(parts).await.unwrap();
                Composed::new(pair.composition().clone(), &case.call)
            }
        }
    };
}

worlds!(
    adds,
    bare,
    "bench:compare/add",
    "bench:compare/adds",
    "adds"
);
worlds!(
    texts,
    bare,
    "test:values/values-guest",
    "bench:compare/pump",
    "texts"
);
worlds!(
    bytes,
    bare,
    "test:values/values-guest",
    "bench:compare/pump",
    "bytes"
);
worlds!(
    records,
    bare,
    "test:values/values-guest",
    "bench:compare/pump",
    "records"
);
worlds!(
    sends,
    bare,
    "bench:compare/tree",
    "bench:compare/tree-caller",
    "sends"
);
worlds!(
    async_texts,
    bare,
    "test:values/values-guest",
    "bench:compare/async-echoes",
    "texts"
);
worlds!(
    churn,
    bare,
    "test:resources/counters-guest",
    "test:resources/counters-user",
    "test:resources/user"
);
worlds!(
    fan_out,
    hosted,
    "test:flow/steps-guest",
    "test:flow/steps-user",
    "test:flow/driver",
    "test:flow/host"
);
