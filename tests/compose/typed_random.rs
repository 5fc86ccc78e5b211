//! Random values of every type: a typed call and a dynamic call must agree.

use composer::private::Wire;
use composer::{ComposableDescriptor, Composer, Composition};
use proptest::test_runner::{TestCaseError, TestRunner};
use wasmtime::component::Val;

use super::typed_values::{Values, ValuesParts, values};
use crate::support::arbitrary::{any_vals, together};
use crate::support::part;
use crate::support::property::{Bounded, cases};

/// A value of a Rust type from one without, as typed calls make them when the
/// component behind them does not know the types.
fn typed<W: Wire>(val: &Val) -> W {
    W::from_val(val.clone()).unwrap()
}

/// The same component behind a typed handle and behind a dynamic one.
struct Both {
    typed: Values,
    dynamic: Composition,
}

impl Both {
    async fn start() -> Self {
        let values = part("values");
        let mut dynamic = Composer::new();
        dynamic.add(ComposableDescriptor::new("values", part("values")));
        Both {
            typed: Values::compose(ValuesParts { values }).await.unwrap(),
            dynamic: dynamic.compose().await.unwrap(),
        }
    }

    async fn agree(
        &self,
        interface: &str,
        name: &str,
        args: &[Val],
        typed: Val,
    ) -> Result<(), TestCaseError> {
        let dynamic = self.dynamic.get_func(Some(interface), name).unwrap();
        let mut results = [Val::Bool(false)];
        dynamic.call(args, &mut results).await.unwrap();
        match results[0] == typed {
            true => Ok(()),
            false => Err(TestCaseError::fail(format!(
                "{name} of {args:?}\n  dynamic: {:?}\n  typed: {typed:?}",
                results[0]
            ))),
        }
    }
}

/// The functions of one parameter, each with its name in WIT.
macro_rules! random {
    ($($interface:literal $handle:ident { $($call:ident $name:literal)* })*) => {
        /// Calls the function both ways with one value.
        async fn check(
            both: &Both,
            interface: &str,
            name: &str,
            args: &[Val],
        ) -> Result<(), TestCaseError> {
            let typed = match (interface, name) {
                $($(($interface, $name) => {
                    let answer = both.typed.$handle().$call(typed_of(&args[0])).await;
                    answer.unwrap().into_val()
                })*)*
                other => panic!("{other:?}"),
            };
            both.agree(interface, name, args, typed).await
        }

        const FUNCTIONS: &[(&str, &str)] = &[$($(($interface, $name)),*),*];
    };
}

/// What the function takes is what decides the type.
fn typed_of<W: Wire>(val: &Val) -> W {
    typed(val)
}

random! {
    "test:values/echo@0.1.0" echo {
        echo_bool "echo-bool"
        echo_u8 "echo-u8"
        echo_s8 "echo-s8"
        echo_u16 "echo-u16"
        echo_s16 "echo-s16"
        echo_u32 "echo-u32"
        echo_s32 "echo-s32"
        echo_u64 "echo-u64"
        echo_s64 "echo-s64"
        echo_f32 "echo-f32"
        echo_f64 "echo-f64"
        echo_char "echo-char"
        echo_record "echo-record"
        echo_tuple "echo-tuple"
        echo_variant "echo-variant"
        echo_enum "echo-enum"
        echo_flags "echo-flags"
        echo_option "echo-option"
        echo_option_string "echo-option-string"
        echo_option_option "echo-option-option"
        echo_result "echo-result"
        echo_result_err "echo-result-err"
        echo_result_ok "echo-result-ok"
        echo_result_unit "echo-result-unit"
    }
    "test:values/echo-async@0.1.0" echo_async {
        echo_record "echo-record"
        echo_variant "echo-variant"
        echo_result "echo-result"
    }
}

/// Those whose parameter is taken as whatever becomes one.
async fn check_converted(both: &Both, name: &str, args: &[Val]) -> Result<(), TestCaseError> {
    let (interface, echo) = ("test:values/echo@0.1.0", both.typed.echo());
    let arg = &args[0];
    let typed = match name {
        "echo-string" => echo
            .echo_string(typed::<String>(arg))
            .await
            .unwrap()
            .into_val(),
        "echo-bytes" => echo
            .echo_bytes(typed::<Vec<u8>>(arg))
            .await
            .unwrap()
            .into_val(),
        "echo-strings" => {
            let strings = typed::<Vec<String>>(arg);
            echo.echo_strings(strings).await.unwrap().into_val()
        }
        "echo-lists" => {
            let lists = typed::<Vec<Vec<u32>>>(arg);
            echo.echo_lists(lists).await.unwrap().into_val()
        }
        "echo-floats" => echo
            .echo_floats(typed::<Vec<f64>>(arg))
            .await
            .unwrap()
            .into_val(),
        _ => {
            let records = typed::<Vec<values::test::values::echo::Outer>>(arg);
            echo.echo_records(records).await.unwrap().into_val()
        }
    };
    both.agree(interface, name, args, typed).await
}

const CONVERTED: [&str; 6] = [
    "echo-string",
    "echo-bytes",
    "echo-strings",
    "echo-lists",
    "echo-floats",
    "echo-records",
];

#[test]
fn typed_and_dynamic_calls_agree() {
    let runtime = Bounded::new();
    let both = runtime.block_on(Both::start());
    let functions = FUNCTIONS.iter().copied();
    let converted = CONVERTED.map(|name| ("test:values/echo@0.1.0", name));
    for (interface, name) in functions.chain(converted) {
        let function = both.dynamic.get_func(Some(interface), name).unwrap();
        let types = || function.params().iter().map(|(_, ty)| ty);
        let run = |args: Vec<Val>| {
            runtime.block_on(async {
                match CONVERTED.contains(&name) && interface.ends_with("echo@0.1.0") {
                    true => check_converted(&both, name, &args).await,
                    false => check(&both, interface, name, &args).await,
                }
            })
        };
        together(types())
            .into_iter()
            .for_each(|args| run(args).unwrap());
        let values = any_vals(types());
        let outcome = TestRunner::new(cases(32)).run(&values, run);
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }
}
