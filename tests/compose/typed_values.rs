//! Values of every type, through typed handles.

use crate::support::{compose, part};

composer::compose!({
    path: "wit/values",
    composition: Values,
    components: { values: "test:values/values-guest" },
    exports: ["test:values/echo", "test:values/echo-async"],
});

composer::compose!({
    path: "wit/values",
    composition: Relayed,
    components: {
        values: "test:values/values-guest",
        relay: "test:values/values-relay",
    },
    exports: { "test:values/echo": relay, "test:values/echo-async": relay },
});

/// Expects each answer to be what was asked.
macro_rules! each {
    ($handle:ident: $($call:ident($value:expr);)*) => {$(
        let value = $value;
        assert_eq!($handle.$call(value.clone()).await.unwrap(), value);
    )*};
}

/// A function that echoes values of every type, for the types of a module.
macro_rules! echoes {
    ($name:ident, $module:ident) => {
        async fn $name(
            echo: $module::test::values::echo::Exports,
            again: $module::test::values::echo_async::Exports,
        ) {
            use $module::test::values::echo;

            let inner = echo::Inner {
                id: u64::MAX,
                label: "ä".to_owned(),
            };
            let outer = echo::Outer {
                name: "outer".to_owned(),
                count: 7,
                ratio: -0.5,
                tags: vec!["a".to_owned(), String::new()],
                inner: inner.clone(),
            };
            let strings = vec!["one".to_owned(), "two".to_owned()];
            // Whatever holds texts is taken for a list of them.
            let expected: &[String] = &strings;
            let texts: &[&str] = &["one", "two"];
            let one_by_one = strings.iter().map(String::as_str);
            for echoed in [
                echo.echo_strings(["one", "two"]).await,
                echo.echo_strings(texts).await,
                echo.echo_strings(expected).await,
                echo.echo_strings(&strings).await,
                echo.echo_strings(one_by_one).await,
                echo.echo_strings(texts.to_vec()).await,
            ] {
                assert_eq!(echoed.unwrap(), expected);
            }
            let no = "no".to_owned();
            each! { echo:
                echo_bool(true);
                echo_u8(u8::MAX);
                echo_s8(i8::MIN);
                echo_u16(u16::MAX);
                echo_s16(i16::MIN);
                echo_u32(u32::MAX);
                echo_s32(i32::MIN);
                echo_u64(u64::MAX);
                echo_s64(i64::MIN);
                echo_f32(1.5);
                echo_f64(f64::MIN_POSITIVE);
                echo_char('🦀');
                echo_string("text".to_owned());
                echo_bytes(vec![0, 255]);
                echo_strings(strings);
                echo_lists(vec![vec![], vec![1, 2]]);
                echo_floats(vec![0.5]);
                echo_records(vec![outer.clone(), outer.clone()]);
                echo_record(outer.clone());
                echo_tuple((1, "two".to_owned(), 3.0));
                echo_option(Some(1));
                echo_option(None);
                echo_option_string(Some("some".to_owned()));
                echo_option_option(Some(None));
                echo_option_option(Some(Some(1)));
                echo_result(Ok(1));
                echo_result(Err(no.clone()));
                echo_result_err(Ok(()));
                echo_result_err(Err(no.clone()));
                echo_result_ok(Ok(1));
                echo_result_ok(Err(()));
                echo_result_unit(Ok(()));
                echo_result_unit(Err(()));
            }
            let shapes = [
                echo::Shape::Nothing,
                echo::Shape::Unknown,
                echo::Shape::Number(1),
                echo::Shape::Text("text".to_owned()),
                echo::Shape::Bytes(vec![1]),
                echo::Shape::Nested(inner),
                echo::Shape::Real(0.25),
            ];
            for shape in shapes {
                each! { echo: echo_variant(shape.clone()); }
                each! { again: echo_variant(shape); }
            }
            for colour in [echo::Colour::Red, echo::Colour::Green, echo::Colour::Blue] {
                each! { echo: echo_enum(colour); }
            }
            let none = echo::Bits::empty();
            for bits in [none, echo::Bits::B0 | echo::Bits::B31, !none] {
                assert_eq!(echo.echo_flags(bits).await.unwrap(), bits);
            }
            let scalars = echo
                .echo_scalars(
                    true, 1, -2, 3, -4, 5, -6, 7, -8, 0.5, -0.25, 'c', false, 13, -14, 15, -16, 17,
                    -18, 19,
                )
                .await
                .unwrap();
            let expected = echo::Scalars {
                p0: true,
                p1: 1,
                p2: -2,
                p3: 3,
                p4: -4,
                p5: 5,
                p6: -6,
                p7: 7,
                p8: -8,
                p9: 0.5,
                p10: -0.25,
                p11: 'c',
                p12: false,
                p13: 13,
                p14: -14,
                p15: 15,
                p16: -16,
                p17: 17,
                p18: -18,
                p19: 19,
            };
            assert_eq!(scalars, expected);
            echo.echo_nothing().await.unwrap();
            assert_eq!(echo.echo_string("a &str").await.unwrap(), "a &str");

            each! { again:
                echo_string("text".to_owned());
                echo_bytes(vec![0, 255]);
                echo_record(outer);
                echo_result(Ok(1));
                echo_result(Err(no));
            }
        }
    };
}

echoes!(echo_directly, values);
echoes!(echo_relayed, relayed);

#[tokio::test]
async fn every_value_comes_back() {
    let values = part("values");
    let typed = Values::compose(ValuesParts { values }).await.unwrap();
    let dynamic = Values::from_composition(compose(&["values"]).await).unwrap();
    for values in [typed, dynamic] {
        echo_directly(values.echo(), values.echo_async()).await;
    }
}

#[tokio::test]
async fn every_value_passes_through_another_component() {
    let relayed = Relayed::compose(RelayedParts {
        values: part("values"),
        relay: part("values-relay"),
    });
    let relayed = relayed.await.unwrap();
    echo_relayed(relayed.echo(), relayed.echo_async()).await;
}
