//! Values in WAVE, the text form of the component model's values.

use composer::{FuncType, Type, Value};
use wasm_wave::value::{Type as WaveType, Value as WaveValue};
use wasm_wave::wasm::{WasmTypeKind, WasmValue};

use crate::problem::Problem;

/// Reads the arguments of a function.
///
/// # Errors
///
/// A problem that names the parameter: there are too few or too many arguments, one is not of
/// its type, or its type has no text form.
pub(crate) fn arguments(
    function: &str,
    ty: &FuncType,
    texts: &[String],
) -> Result<Vec<Value>, Problem> {
    check_count(function, ty, texts.len())?;
    let given = ty.params.iter().zip(texts);
    given
        .map(|((name, ty), text)| argument(function, name, ty, text))
        .collect()
}

/// Checks how many arguments are given.
///
/// # Errors
///
/// A problem that names the parameters.
pub(crate) fn check_count(function: &str, ty: &FuncType, given: usize) -> Result<(), Problem> {
    let takes = ty.params.len();
    if given == takes {
        return Ok(());
    }
    let s = if takes == 1 { "" } else { "s" };
    let message = format!("`{function}` takes {takes} argument{s}, not {given}");
    let params: Vec<String> = ty.params.iter().map(|(name, _)| name.clone()).collect();
    let help = match params.is_empty() {
        true => "leave them out".to_owned(),
        false => format!("they are: {}", params.join(", ")),
    };
    Err(Problem::new(message).with_help(help))
}

/// Reads one argument.
///
/// # Errors
///
/// As [`arguments`].
pub(crate) fn argument(
    function: &str,
    name: &str,
    ty: &Type,
    text: &str,
) -> Result<Value, Problem> {
    let wave = wave_type(ty).ok_or_else(|| {
        Problem::new(format!(
            "the parameter `{name}` of `{function}` has no text form"
        ))
        .with_help("a resource is passed by its name in `repl`, a stream only by a component")
    })?;
    let value: Result<WaveValue, _> = wasm_wave::from_str(&wave, text);
    let value = value.map_err(|error| {
        let message = format!("the argument `{text}` for `{name}` is no `{wave}`: {error}");
        let problem = Problem::new(message);
        match wave.to_string() == "string" {
            true => problem.with_help(format!("write it in quotes: '{text:?}'")),
            false => problem,
        }
    })?;
    read(&value, ty).ok_or_else(|| Problem::new(format!("{text:?} cannot be read")))
}

/// The type as WAVE has it, unless it contains a resource, a stream, a future or a map.
fn wave_type(ty: &Type) -> Option<WaveType> {
    let inner = |ty: &Option<Type>| match ty {
        None => Some(None),
        Some(ty) => wave_type(ty).map(Some),
    };
    Some(match ty {
        Type::Bool => WaveType::BOOL,
        Type::S8 => WaveType::S8,
        Type::U8 => WaveType::U8,
        Type::S16 => WaveType::S16,
        Type::U16 => WaveType::U16,
        Type::S32 => WaveType::S32,
        Type::U32 => WaveType::U32,
        Type::S64 => WaveType::S64,
        Type::U64 => WaveType::U64,
        Type::F32 => WaveType::F32,
        Type::F64 => WaveType::F64,
        Type::Char => WaveType::CHAR,
        Type::String => WaveType::STRING,
        Type::List(item) => WaveType::list(wave_type(item)?),
        Type::FixedLengthList(item, length) => {
            WaveType::fixed_length_list(wave_type(item)?, *length)
        }
        Type::Record(fields) => {
            let fields = fields
                .iter()
                .map(|(name, ty)| Some((name.as_str(), wave_type(ty)?)));
            WaveType::record(fields.collect::<Option<Vec<_>>>()?)?
        }
        Type::Tuple(items) => {
            let items = items.iter().map(wave_type);
            WaveType::tuple(items.collect::<Option<Vec<_>>>()?)?
        }
        Type::Variant(cases) => {
            let cases = cases
                .iter()
                .map(|(name, ty)| Some((name.as_str(), inner(ty)?)));
            WaveType::variant(cases.collect::<Option<Vec<_>>>()?)?
        }
        Type::Enum(cases) => WaveType::enum_ty(cases.iter().map(String::as_str))?,
        Type::Flags(flags) => WaveType::flags(flags.iter().map(String::as_str))?,
        Type::Option(some) => WaveType::option(wave_type(some)?),
        Type::Result(sides) => WaveType::result(inner(&sides.0)?, inner(&sides.1)?),
        _ => return None,
    })
}

/// A value of this type.
fn read(value: &WaveValue, ty: &Type) -> Option<Value> {
    let inner =
        |value: Option<std::borrow::Cow<'_, WaveValue>>, ty: &Option<Type>| match (value, ty) {
            (Some(value), Some(ty)) => read(&value, ty).map(|value| Some(Box::new(value))),
            _ => Some(None),
        };
    Some(match ty {
        Type::Bool => Value::Bool(value.unwrap_bool()),
        Type::S8 => Value::S8(value.unwrap_s8()),
        Type::U8 => Value::U8(value.unwrap_u8()),
        Type::S16 => Value::S16(value.unwrap_s16()),
        Type::U16 => Value::U16(value.unwrap_u16()),
        Type::S32 => Value::S32(value.unwrap_s32()),
        Type::U32 => Value::U32(value.unwrap_u32()),
        Type::S64 => Value::S64(value.unwrap_s64()),
        Type::U64 => Value::U64(value.unwrap_u64()),
        Type::F32 => Value::F32(value.unwrap_f32()),
        Type::F64 => Value::F64(value.unwrap_f64()),
        Type::Char => Value::Char(value.unwrap_char()),
        Type::String => Value::String(value.unwrap_string().into_owned()),
        Type::List(item) | Type::FixedLengthList(item, _) => {
            let items = value.unwrap_list().map(|value| read(&value, item));
            let items = items.collect::<Option<Vec<_>>>()?;
            match value.kind() {
                WasmTypeKind::FixedLengthList => Value::FixedLengthList(items),
                _ => Value::List(items),
            }
        }
        Type::Record(fields) => {
            let written: Vec<_> = value.unwrap_record().collect();
            let field = |(name, ty): &(String, Type)| {
                let mut found = written.iter().filter(|(field, _)| field == name);
                let value = match found.next() {
                    Some((_, value)) => read(value, ty)?,
                    // A field that is left out is an option.
                    None => Value::Option(None),
                };
                Some((name.clone(), value))
            };
            Value::Record(fields.iter().map(field).collect::<Option<_>>()?)
        }
        Type::Tuple(items) => {
            let values = value.unwrap_tuple().zip(items.iter());
            let values = values.map(|(value, ty)| read(&value, ty));
            Value::Tuple(values.collect::<Option<_>>()?)
        }
        Type::Variant(cases) => {
            let (case, payload) = value.unwrap_variant();
            let (_, ty) = cases.iter().find(|(name, _)| *name == case)?;
            Value::Variant(case.into_owned(), inner(payload, ty)?)
        }
        Type::Enum(_) => Value::Enum(value.unwrap_enum().into_owned()),
        Type::Flags(_) => {
            let flags = value.unwrap_flags();
            Value::Flags(flags.map(|flag| flag.into_owned()).collect())
        }
        Type::Option(some) => match value.unwrap_option() {
            None => Value::Option(None),
            Some(value) => Value::Option(Some(Box::new(read(&value, some)?))),
        },
        Type::Result(sides) => Value::Result(match value.unwrap_result() {
            Ok(value) => Ok(inner(value, &sides.0)?),
            Err(value) => Err(inner(value, &sides.1)?),
        }),
        _ => return None,
    })
}
