//! Components apart whose worlds `compose!` knows.

use super::ours::{Composed, component};
use crate::case::{Case, Compiler};

macro_rules! worlds {
    ($module:ident, $callee:literal, $caller:literal, $export:literal $(, $linker:literal)?) => {
        pub(crate) mod $module {
            use super::{Case, Compiler, Composed, component};

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
                    callee: component(compiler, case, 0),
                    caller: component(compiler, case, 1),
                };
                let pair = Pair::compose(parts).await.unwrap();
                Composed::new(pair.composition().clone(), &case.call)
            }
        }
    };
}

worlds!(adds, "bench:compare/add", "bench:compare/adds", "adds");
worlds!(
    texts,
    "test:values/values-guest",
    "bench:compare/pump",
    "texts"
);
worlds!(
    bytes,
    "test:values/values-guest",
    "bench:compare/pump",
    "bytes"
);
worlds!(
    records,
    "test:values/values-guest",
    "bench:compare/pump",
    "records"
);
worlds!(
    sends,
    "bench:compare/tree",
    "bench:compare/tree-caller",
    "sends"
);
worlds!(
    async_texts,
    "test:values/values-guest",
    "bench:compare/async-echoes",
    "texts"
);
worlds!(
    churn,
    "test:resources/counters-guest",
    "test:resources/counters-user",
    "test:resources/user"
);
worlds!(
    fan_out,
    "test:flow/steps-guest",
    "test:flow/steps-user",
    "test:flow/driver",
    "test:flow/host"
);
