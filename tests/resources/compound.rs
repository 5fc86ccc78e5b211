//! Resources inside every kind of compound value.

use composer::{CallError, ResourceHandle, Value};

use crate::support::counters::{COUNTERS, Counters, RELAY, each_owner, own};

fn list(value: Value) -> Vec<ResourceHandle> {
    match value {
        Value::List(items) => items.into_iter().map(own).collect(),
        other => panic!("{other:?} is no list"),
    }
}

/// Both sides of a pair, whose names must be as in the WIT.
fn pair(value: Value) -> (ResourceHandle, ResourceHandle) {
    let Value::Record(fields) = value else {
        panic!("{value:?} is no record");
    };
    let mut fields = fields.into_iter();
    match (fields.next(), fields.next(), fields.next()) {
        (Some((left, a)), Some((right, b)), None) => {
            assert_eq!((&*left, &*right), ("left", "right"));
            (own(a), own(b))
        }
        other => panic!("{other:?}"),
    }
}

fn pair_of(left: ResourceHandle, right: ResourceHandle) -> Value {
    Value::Record(vec![
        ("left".into(), left.into()),
        ("right".into(), right.into()),
    ])
}

async fn values(counters: &Counters, handles: &[ResourceHandle]) -> Vec<u32> {
    let mut values = Vec::new();
    for handle in handles {
        values.push(counters.value(handle).await);
    }
    values
}

#[tokio::test]
async fn records() {
    each_owner(&["counters-relay"], async |counters| {
        let (left, right) = pair(counters.ask("make-pair", []).await);
        assert_eq!(counters.value(&left).await, 1);
        assert_eq!(counters.value(&right).await, 2);
        // Through a store that does not own them, whose guest exchanges them.
        let swapped = counters.call("counters-relay", RELAY, "swap", [pair_of(left, right)]);
        let (left, right) = pair(swapped.await);
        assert_eq!(counters.value(&left).await, 2);
        assert_eq!(counters.value(&right).await, 1);
        assert_eq!(counters.tables("counters-relay"), (2, 0));

        assert_eq!(
            counters.ask("sum-pair", [pair_of(left, right)]).await,
            Value::U32(3)
        );
        assert_eq!(counters.dropped().await, 2);
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn lists() {
    each_owner(&[], async |counters| {
        let mut handles = list(counters.ask("make-list", [100u32.into()]).await);
        assert_eq!(
            values(&counters, &handles).await,
            (0..100).collect::<Vec<_>>()
        );
        // In another order, and not all of them.
        handles.reverse();
        let kept = handles.split_off(60);
        assert_eq!(
            counters.ask("take-list", [handles.into()]).await,
            Value::U32(4170)
        );
        assert_eq!((counters.live().await, counters.dropped().await), (40, 60));
        assert_eq!(
            values(&counters, &kept).await,
            (0..40).rev().collect::<Vec<_>>()
        );
        drop(kept);
        counters.none_left().await;

        let empty = counters.ask("make-list", [0u32.into()]).await;
        assert_eq!(empty, Value::List(Vec::new()));
        assert_eq!(counters.ask("take-list", [empty]).await, Value::U32(0));
    })
    .await;
}

#[tokio::test]
async fn lists_of_borrows() {
    each_owner(&[], async |counters| {
        let handles = list(counters.ask("make-list", [10u32.into()]).await);
        let borrows: Vec<Value> = handles
            .iter()
            .map(|handle| handle.borrow().into())
            .collect();
        assert_eq!(
            counters.ask("sum-list", [Value::List(borrows)]).await,
            Value::U32(45)
        );
        // One can be lent twice over.
        let twice = vec![handles[9].borrow(), handles[9].borrow()];
        assert_eq!(
            counters.ask("sum-list", [twice.into()]).await,
            Value::U32(18)
        );
        assert_eq!((counters.live().await, counters.dropped().await), (10, 0));
        drop(handles);
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn options() {
    each_owner(&[], async |counters| {
        let some = match counters.ask("make-option", [true.into()]).await {
            Value::Option(Some(some)) => own(*some),
            other => panic!("{other:?}"),
        };
        assert_eq!(counters.value(&some).await, 1);
        assert_eq!(
            counters.ask("take-option", [Some(some).into()]).await,
            Value::U32(1)
        );
        let none = counters.ask("make-option", [false.into()]).await;
        assert_eq!(none, Value::Option(None));
        assert_eq!(counters.ask("take-option", [none]).await, Value::U32(0));
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn results() {
    each_owner(&[], async |counters| {
        match counters.ask("make-result", [true.into()]).await {
            Value::Result(Ok(Some(counter))) => assert_eq!(counters.value(&own(*counter)).await, 1),
            other => panic!("{other:?}"),
        }
        let error = counters.ask("make-result", [false.into()]).await;
        assert_eq!(
            error,
            Value::Result(Err(Some(Box::new("no counter".into()))))
        );
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn variants() {
    each_owner(&[], async |counters| {
        for n in [0u32, 1, 5] {
            let holder = counters.ask("make-variant", [n.into()]).await;
            let (case, handles) = match holder {
                Value::Variant(case, None) => (case, Vec::new()),
                Value::Variant(case, Some(inner)) if case == "one" => (case, vec![own(*inner)]),
                Value::Variant(case, Some(inner)) => (case, list(*inner)),
                other => panic!("{other:?}"),
            };
            assert_eq!(
                values(&counters, &handles).await,
                (0..n).collect::<Vec<_>>()
            );
            assert_eq!(counters.live().await, n);

            let mut handles = handles;
            let inner = match &*case {
                "none" => None,
                "one" => handles.pop().map(Value::from),
                _ => Some(handles.into()),
            };
            let holder = Value::Variant(case, inner.map(Box::new));
            let sum = (0..n).sum::<u32>();
            assert_eq!(
                counters.ask("take-variant", [holder]).await,
                Value::U32(sum)
            );
            counters.none_left().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_compound_value_dropped_drops_all_that_is_in_it() {
    each_owner(&[], async |counters| {
        let mut made = 0;
        for (make, arg, n) in [
            ("make-list", Value::U32(7), 7),
            ("make-option", true.into(), 1),
            ("make-result", true.into(), 1),
            ("make-variant", Value::U32(3), 3),
        ] {
            drop(counters.ask(make, [arg]).await);
            made += n;
            assert_eq!(
                (counters.live().await, counters.dropped().await),
                (0, made),
                "{make}"
            );
        }
        drop(counters.ask("make-pair", []).await);
        assert_eq!(counters.dropped().await, made + 2);
        counters.none_left().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_given_with_something_wrong_is_dropped() {
    each_owner(&[], async |counters| {
        let mut items: Vec<Value> = vec![counters.make(1).await.into(), 2u32.into()];
        items.push(counters.make(3).await.into());
        let result = counters
            .try_call("owner", COUNTERS, "take-list", [Value::List(items)])
            .await;
        match result {
            Err(CallError::Type { path, found, .. }) => {
                assert_eq!((&*path, &*found), ("parameter `items`[1]", "u32"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!((counters.live().await, counters.dropped().await), (0, 2));
    })
    .await;
}
