//! Resources deep inside values, on their way through a store and back.

use composer::{ComposableDescriptor, ResourceHandle, Value};

use crate::support::counters::{until, within};
use crate::support::gated::Gated;
use crate::support::wat::wat_part;

fn list(values: impl IntoIterator<Item = Value>) -> Value {
    Value::List(values.into_iter().collect())
}

fn some(value: impl Into<Value>) -> Value {
    Value::Option(Some(Box::new(value.into())))
}

fn ok(value: impl Into<Value>) -> Value {
    Value::Result(Ok(Some(Box::new(value.into()))))
}

fn err(value: impl Into<Value>) -> Value {
    Value::Result(Err(Some(Box::new(value.into()))))
}

/// Takes the handles out of a value and leaves the number of each in its
/// place: a `u64`, of which the types here have none.
fn pull_out(value: Value, handles: &mut Vec<ResourceHandle>) -> Value {
    let mut inside = |value: Option<Box<Value>>| value.map(|v| Box::new(pull_out(*v, handles)));
    match value {
        Value::Own(handle) => {
            handles.push(handle);
            Value::U64(handles.len() as u64 - 1)
        }
        Value::Option(value) => Value::Option(inside(value)),
        Value::Result(Ok(value)) => Value::Result(Ok(inside(value))),
        Value::Result(Err(value)) => Value::Result(Err(inside(value))),
        Value::List(values) => list(values.into_iter().map(|v| pull_out(v, handles))),
        Value::Tuple(values) => {
            Value::Tuple(values.into_iter().map(|v| pull_out(v, handles)).collect())
        }
        plain => plain,
    }
}

/// Puts handles where the numbers are.
fn put_in(value: Value, handles: &mut impl Iterator<Item = ResourceHandle>) -> Value {
    let mut inside = |value: Option<Box<Value>>| value.map(|v| Box::new(put_in(*v, handles)));
    match value {
        Value::U64(_) => handles.next().unwrap().into(),
        Value::Option(value) => Value::Option(inside(value)),
        Value::Result(Ok(value)) => Value::Result(Ok(inside(value))),
        Value::Result(Err(value)) => Value::Result(Err(inside(value))),
        Value::List(values) => list(values.into_iter().map(|v| put_in(v, handles))),
        Value::Tuple(values) => {
            Value::Tuple(values.into_iter().map(|v| put_in(v, handles)).collect())
        }
        plain => plain,
    }
}

/// Sends a value with `n` things in it, numbered from 0, through the store of
/// `carrier.wat`. It must come back as it was, each thing in its place.
async fn assert_carried(function: &str, value: impl Fn() -> Value, n: u32) {
    within(async {
        let gated = Gated::beside(|composer| {
            let carrier = wat_part("carrier", |_| ());
            composer.add(ComposableDescriptor::new("carrier", carrier));
        })
        .await;
        let mut things = Vec::new();
        for number in 0..n {
            things.push(gated.make(number).await);
        }
        let carrier = gated.composition.component("carrier").unwrap();
        let carry = carrier.get_func(None, function).unwrap();
        for _ in 0..3 {
            let sent = put_in(value(), &mut things.into_iter());
            let received = carry.call_owned([sent]).await.unwrap().unwrap();
            things = Vec::new();
            assert_eq!(pull_out(received, &mut things), value());
            for (number, thing) in (0..n).zip(&things) {
                let used = gated.call("use", [thing.borrow().into()]).await;
                assert_eq!(used.unwrap(), Value::U32(number));
            }
            assert_eq!(things.len(), n as usize);
            assert_eq!(carrier.status().resources_held, 0);
        }
        assert!(gated.gate.destroyed().is_empty());
        drop(things);
        until("destroyed", || gated.gate.destroyed().len() == n as usize).await;
    })
    .await;
}

#[tokio::test]
async fn in_tuples() {
    let tuple = |a: u64, n: u32, b: u64| Value::Tuple(vec![a.into(), n.into(), b.into()]);
    assert_carried("tuples", || list([tuple(0, 7, 1), tuple(2, 8, 3)]), 4).await;
    assert_carried("tuples", || list([]), 0).await;
}

#[tokio::test]
async fn in_options() {
    let none = || Value::Option(None);
    assert_carried(
        "options",
        || list([none(), some(0u64), none(), some(1u64), none()]),
        2,
    )
    .await;
    assert_carried("options", || list([none()]), 0).await;
}

#[tokio::test]
async fn on_both_sides_of_results() {
    assert_carried(
        "results",
        || list([ok(0u64), err(1u64), err(2u64), ok(3u64)]),
        4,
    )
    .await;
}

#[tokio::test]
async fn in_lists_of_lists() {
    let of = |range: std::ops::Range<u64>| list(range.map(Value::from));
    assert_carried(
        "lists",
        || list([of(0..3), of(3..3), of(3..20), of(20..21)]),
        21,
    )
    .await;
}

#[tokio::test]
async fn in_all_of_them_at_once() {
    let item = |n: u8, thing: Option<u64>| Value::Tuple(vec![n.into(), thing.into()]);
    let named =
        |name: &str, items: Vec<Value>| ok(some(Value::Tuple(vec![name.into(), list(items)])));
    let value = || {
        list([
            named(
                "one",
                vec![item(1, Some(0)), item(2, None), item(3, Some(1))],
            ),
            err(list([2u64.into(), 3u64.into()])),
            ok(Value::Option(None)),
            named("", vec![]),
            err(list([])),
            named("last", vec![item(4, Some(4))]),
        ])
    };
    assert_carried("nested", value, 5).await;
}
