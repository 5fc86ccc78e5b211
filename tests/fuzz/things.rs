//! Values with resources in them. A random value has a number in place of a resource, and
//! a resource reports the number that it was made with.

use composer::{ResourceHandle, Type, Value};
use wasmtime::component::Val;

use super::spec::Function;

/// The resources in some values.
#[derive(Default)]
pub(super) struct Things {
    /// Those to come, the next one last.
    pub(super) new: Vec<ResourceHandle>,
    /// Those that are lent.
    pub(super) lent: Vec<ResourceHandle>,
}

impl Things {
    /// The value, with resources instead of numbers.
    pub(super) fn dress(&mut self, ty: &Type, val: &Val) -> Value {
        match (ty, val) {
            (Type::Own(_), _) => Value::Own(self.new.pop().unwrap()),
            (Type::Borrow(_), _) => {
                let thing = self.new.pop().unwrap();
                let lent = thing.borrow();
                self.lent.push(thing);
                Value::Borrow(lent)
            }
            (Type::List(ty), Val::List(vals)) => {
                Value::List(vals.iter().map(|val| self.dress(ty, val)).collect())
            }
            (Type::FixedLengthList(ty, _), Val::FixedLengthList(vals)) => {
                Value::FixedLengthList(vals.iter().map(|val| self.dress(ty, val)).collect())
            }
            (Type::Map(key, value), Val::Map(entries)) => {
                let entries = entries.iter();
                let dress = |(k, v): &(Val, Val)| (self.dress(key, k), self.dress(value, v));
                Value::Map(entries.map(dress).collect())
            }
            (Type::Record(types), Val::Record(vals)) => {
                let fields = types.iter().zip(vals);
                let fields =
                    fields.map(|((_, ty), (name, val))| (name.clone(), self.dress(ty, val)));
                Value::Record(fields.collect())
            }
            (Type::Tuple(types), Val::Tuple(vals)) => {
                let fields = types.iter().zip(vals);
                Value::Tuple(fields.map(|(ty, val)| self.dress(ty, val)).collect())
            }
            (Type::Variant(cases), Val::Variant(name, payload)) => {
                let case = cases.iter().find(|(case, _)| case == name).unwrap();
                Value::Variant(name.clone(), self.payload(case.1.as_ref(), payload))
            }
            (Type::Option(ty), Val::Option(payload)) => {
                Value::Option(self.payload(Some(ty), payload))
            }
            (Type::Result(sides), Val::Result(result)) => Value::Result(match result {
                Ok(payload) => Ok(self.payload(sides.0.as_ref(), payload)),
                Err(payload) => Err(self.payload(sides.1.as_ref(), payload)),
            }),
            (_, Val::Bool(v)) => Value::Bool(*v),
            (_, Val::S8(v)) => Value::S8(*v),
            (_, Val::U8(v)) => Value::U8(*v),
            (_, Val::S16(v)) => Value::S16(*v),
            (_, Val::U16(v)) => Value::U16(*v),
            (_, Val::S32(v)) => Value::S32(*v),
            (_, Val::U32(v)) => Value::U32(*v),
            (_, Val::S64(v)) => Value::S64(*v),
            (_, Val::U64(v)) => Value::U64(*v),
            (_, Val::Float32(v)) => Value::F32(*v),
            (_, Val::Float64(v)) => Value::F64(*v),
            (_, Val::Char(v)) => Value::Char(*v),
            (_, Val::String(v)) => Value::String(v.clone()),
            (_, Val::Enum(v)) => Value::Enum(v.clone()),
            (_, Val::Flags(v)) => Value::Flags(v.clone()),
            other => panic!("{other:?}"),
        }
    }

    fn payload(&mut self, ty: Option<&Type>, val: &Option<Box<Val>>) -> Option<Box<Value>> {
        val.as_ref()
            .map(|val| Box::new(self.dress(ty.unwrap(), val)))
    }
}

/// The value with zeros instead of resources, which are put into `things`.
pub(super) fn undress(value: Value, things: &mut Vec<ResourceHandle>) -> Val {
    let mut all = |values: Vec<Value>| -> Vec<Val> {
        values
            .into_iter()
            .map(|value| undress(value, things))
            .collect()
    };
    match value {
        Value::Own(thing) => {
            things.push(thing);
            Val::U32(0)
        }
        Value::List(values) => Val::List(all(values)),
        Value::FixedLengthList(values) => Val::FixedLengthList(all(values)),
        Value::Map(entries) => {
            let (keys, values): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
            Val::Map(all(keys).into_iter().zip(all(values)).collect())
        }
        Value::Tuple(values) => Val::Tuple(all(values)),
        Value::Record(fields) => {
            let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
            Val::Record(names.into_iter().zip(all(values)).collect())
        }
        Value::Variant(name, value) => Val::Variant(name, undress_payload(value, things)),
        Value::Option(value) => Val::Option(undress_payload(value, things)),
        Value::Result(Ok(value)) => Val::Result(Ok(undress_payload(value, things))),
        Value::Result(Err(value)) => Val::Result(Err(undress_payload(value, things))),
        Value::Bool(v) => Val::Bool(v),
        Value::S8(v) => Val::S8(v),
        Value::U8(v) => Val::U8(v),
        Value::S16(v) => Val::S16(v),
        Value::U16(v) => Val::U16(v),
        Value::S32(v) => Val::S32(v),
        Value::U32(v) => Val::U32(v),
        Value::S64(v) => Val::S64(v),
        Value::U64(v) => Val::U64(v),
        Value::F32(v) => Val::Float32(v),
        Value::F64(v) => Val::Float64(v),
        Value::Char(v) => Val::Char(v),
        Value::String(v) => Val::String(v),
        Value::Enum(v) => Val::Enum(v),
        Value::Flags(v) => Val::Flags(v),
        other => panic!("{other:?}"),
    }
}

fn undress_payload(
    value: Option<Box<Value>>,
    things: &mut Vec<ResourceHandle>,
) -> Option<Box<Val>> {
    value.map(|value| Box::new(undress(*value, things)))
}

/// Puts zeros where the value has numbers of resources, which are put into
/// `numbers`.
pub(super) fn blank(ty: &Type, val: &mut Val, numbers: &mut Vec<u32>) {
    let mut payload = |ty: Option<&Type>, val: &mut Option<Box<Val>>| {
        if let (Some(ty), Some(val)) = (ty, val) {
            blank(ty, val, numbers);
        }
    };
    match (ty, val) {
        (Type::Own(_) | Type::Borrow(_), Val::U32(number)) => {
            numbers.push(std::mem::take(number));
        }
        (Type::List(ty), Val::List(vals))
        | (Type::FixedLengthList(ty, _), Val::FixedLengthList(vals)) => {
            vals.iter_mut().for_each(|val| blank(ty, val, numbers));
        }
        // No key is a resource.
        (Type::Map(_, ty), Val::Map(entries)) => {
            let values = entries.iter_mut().map(|(_, value)| value);
            values.for_each(|val| blank(ty, val, numbers));
        }
        (Type::Record(types), Val::Record(vals)) => {
            let fields = types.iter().zip(vals);
            fields.for_each(|((_, ty), (_, val))| blank(ty, val, numbers));
        }
        (Type::Tuple(types), Val::Tuple(vals)) => {
            let fields = types.iter().zip(vals);
            fields.for_each(|(ty, val)| blank(ty, val, numbers));
        }
        (Type::Variant(cases), Val::Variant(name, val)) => {
            let case = cases.iter().find(|(case, _)| case == name).unwrap();
            payload(case.1.as_ref(), val);
        }
        (Type::Option(ty), Val::Option(val)) => payload(Some(ty), val),
        (Type::Result(sides), Val::Result(Ok(val))) => payload(sides.0.as_ref(), val),
        (Type::Result(sides), Val::Result(Err(val))) => payload(sides.1.as_ref(), val),
        _ => {}
    }
}

/// What the function has to answer, and the numbers of the resources in it.
pub(super) fn expected(function: &Function, args: &[Val]) -> (Val, Vec<u32>) {
    let (mut vals, mut numbers) = (Vec::new(), Vec::new());
    let mut sum = 0u32;
    for (ty, val) in function.params.iter().zip(args) {
        let mut val = val.clone();
        if Function::returns(ty) {
            blank(ty, &mut val, &mut numbers);
            vals.push(val);
        } else {
            let mut told = Vec::new();
            blank(ty, &mut val, &mut told);
            for number in told {
                sum = sum.wrapping_mul(31).wrapping_add(number);
            }
        }
    }
    if function.tells() {
        vals.push(Val::U32(sum));
    }
    match vals.len() {
        1 => (vals.remove(0), numbers),
        _ => (Val::Tuple(vals), numbers),
    }
}
