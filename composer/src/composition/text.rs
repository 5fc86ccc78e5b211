//! Values as text, the way WIT's value notation (WAVE) writes them.

use std::fmt::{self, Formatter, Write};

use crate::composition::Value;

/// Writes the value as WAVE does: `{name: "apple", cents: 120}`, `some(3)`,
/// `err("sold out")`. Resources, for which WAVE has no notation, are named in
/// angle brackets.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(v) => v.fmt(f),
            Value::S8(v) => v.fmt(f),
            Value::U8(v) => v.fmt(f),
            Value::S16(v) => v.fmt(f),
            Value::U16(v) => v.fmt(f),
            Value::S32(v) => v.fmt(f),
            Value::U32(v) => v.fmt(f),
            Value::S64(v) => v.fmt(f),
            Value::U64(v) => v.fmt(f),
            Value::F32(v) => float(f, f64::from(*v), v),
            Value::F64(v) => float(f, *v, v),
            Value::Char(v) => quoted(f, '\'', v.encode_utf8(&mut [0; 4])),
            Value::String(v) => quoted(f, '"', v),
            Value::List(v) | Value::FixedLengthList(v) => {
                items(f, "[", "]", v, |f, value| value.fmt(f))
            }
            Value::Tuple(v) => items(f, "(", ")", v, |f, value| value.fmt(f)),
            Value::Map(v) => items(f, "{", "}", v, |f, (k, v)| write!(f, "{k}: {v}")),
            Value::Record(v) => items(f, "{", "}", v, |f, (name, v)| write!(f, "{name}: {v}")),
            Value::Flags(v) => items(f, "{", "}", v, |f, name| f.write_str(name)),
            Value::Enum(case) => case_name(f, case),
            Value::Variant(case, payload) => {
                case_name(f, case)?;
                match payload {
                    Some(payload) => write!(f, "({payload})"),
                    None => Ok(()),
                }
            }
            Value::Option(None) => f.write_str("none"),
            Value::Option(some) => wrapped(f, "some", some.as_deref()),
            Value::Result(Ok(ok)) => wrapped(f, "ok", ok.as_deref()),
            Value::Result(Err(err)) => wrapped(f, "err", err.as_deref()),
            Value::Own(handle) => write!(f, "<{:?}>", handle.0.about()),
            Value::Borrow(borrow) => write!(f, "<borrow of {:?}>", borrow.0.about()),
            #[cfg(feature = "component-model-async")]
            Value::Stream(_) => f.write_str("<stream>"),
            #[cfg(feature = "component-model-async")]
            Value::Future(_) => f.write_str("<future>"),
        }
    }
}

/// Writes NaN and the infinities as WAVE does.
fn float(f: &mut Formatter<'_>, value: f64, shown: &impl fmt::Display) -> fmt::Result {
    if value.is_nan() {
        f.write_str("nan")
    } else if value.is_infinite() {
        f.write_str(if value > 0.0 { "inf" } else { "-inf" })
    } else {
        shown.fmt(f)
    }
}

/// Writes the name of a case. One that is a word of WAVE's own is marked.
fn case_name(f: &mut Formatter<'_>, case: &str) -> fmt::Result {
    let keywords = ["true", "false", "inf", "nan", "some", "none", "ok", "err"];
    if keywords.contains(&case) {
        f.write_char('%')?;
    }
    f.write_str(case)
}

/// Writes text in quotes, with the escapes of WAVE.
fn quoted(f: &mut Formatter<'_>, quote: char, text: &str) -> fmt::Result {
    f.write_char(quote)?;
    for c in text.chars() {
        match c {
            // Rust would write `\0`, which WAVE does not have.
            '\0' => f.write_str("\\u{0}")?,
            '\'' | '"' if c != quote => f.write_char(c)?,
            c => write!(f, "{}", c.escape_debug())?,
        }
    }
    f.write_char(quote)
}

fn wrapped(f: &mut Formatter<'_>, case: &str, payload: Option<&Value>) -> fmt::Result {
    match payload {
        Some(payload) => write!(f, "{case}({payload})"),
        None => f.write_str(case),
    }
}

fn items<T>(
    f: &mut Formatter<'_>,
    open: &str,
    close: &str,
    items: &[T],
    each: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    f.write_str(open)?;
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        each(f, item)?;
    }
    f.write_str(close)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_has_its_notation() {
        let some = |value: Value| Some(Box::new(value));
        let written = [
            (Value::Bool(true), "true"),
            (Value::S8(-1), "-1"),
            (Value::F32(f32::NAN), "nan"),
            (Value::F64(f64::NEG_INFINITY), "-inf"),
            (Value::F64(-0.0), "-0"),
            (Value::Char('\n'), r"'\n'"),
            ("it's \0".into(), r#""it's \u{0}""#),
            (Value::Char('\''), r"'\''"),
            ("grüße \"x\"".into(), r#""grüße \"x\"""#),
            (Vec::<u8>::new().into(), "[]"),
            (Value::Tuple(vec![1u8.into(), 'x'.into()]), "(1, 'x')"),
            (Value::Map(vec![("a".into(), 1u8.into())]), r#"{"a": 1}"#),
            (
                Value::Flags(vec!["read".into(), "write".into()]),
                "{read, write}",
            ),
            (Value::Enum("red".into()), "red"),
            (Value::Variant("none".into(), None), "%none"),
            (Value::Enum("ok".into()), "%ok"),
            (
                Value::Variant("circle".into(), some(2u32.into())),
                "circle(2)",
            ),
            (Value::from(Some(Some(1u32))), "some(some(1))"),
            (Value::from(None::<u32>), "none"),
            (Value::Result(Ok(None)), "ok"),
            (Value::Result(Err(some("no".into()))), r#"err("no")"#),
        ];
        for (value, text) in written {
            assert_eq!(value.to_string(), text);
        }
    }
}
