//! Handles made, used, borrowed, moved and dropped on several threads at once.

use composer::{CallError, Composition, ResourceHandle, Value};

use crate::support::counters::{COUNTERS, RELAY, USER, each_owner, own};

const TASKS: u32 = 8;
const ROUNDS: u32 = 60;

async fn call(
    composition: &Composition,
    (component, interface, name): (&str, &str, &str),
    args: impl IntoIterator<Item = Value>,
) -> Result<Value, CallError> {
    let component = composition.component(component).unwrap();
    let func = component.get_func(Some(interface), name).unwrap();
    Ok(func.call_owned(args).await?.unwrap_or(Value::Bool(true)))
}

async fn make(composition: &Composition, start: u32) -> ResourceHandle {
    let make = ("owner", COUNTERS, "[constructor]counter");
    own(call(composition, make, [start.into()]).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_counter_belongs_to_one() {
    each_owner(&["counters-user", "counters-relay"], async |counters| {
        let worker = |task: u32| {
            let composition = counters.composition.clone();
            tokio::spawn(async move {
                for round in 0..ROUNDS {
                    let start = task * 1000 + round;
                    let counter = make(&composition, start).await;
                    let through = ("counters-user", USER, "borrow-through");
                    let args = [counter.borrow().into()];
                    assert_eq!(
                        call(&composition, through, args).await.unwrap(),
                        (start + 1).into()
                    );
                    let pass = ("counters-relay", RELAY, "pass-own");
                    let counter = own(call(&composition, pass, [counter.into()]).await.unwrap());
                    // Dropped at once, by another thread, or by its owner.
                    match round % 3 {
                        0 => drop(counter),
                        1 => drop(tokio::task::spawn_blocking(move || drop(counter))),
                        _ => {
                            let take = ("owner", COUNTERS, "take-list");
                            let sum = call(&composition, take, [vec![counter].into()]).await;
                            assert_eq!(sum.unwrap(), (start + 1).into());
                        }
                    }
                }
            })
        };
        let workers: Vec<_> = (0..TASKS).map(worker).collect();
        for worker in workers {
            worker.await.unwrap();
        }
        counters.none_left().await;
        assert_eq!(counters.dropped().await, TASKS * ROUNDS);
    })
    .await;
}

/// Everybody lends one counter, while its holder tries to give it away.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_counter_is_lent_to_many() {
    each_owner(&["counters-user"], async |counters| {
        let counter = counters.make(0).await;
        let borrower = || {
            let (composition, borrow) = (counters.composition.clone(), counter.borrow());
            tokio::spawn(async move {
                for _ in 0..ROUNDS {
                    let through = ("counters-user", USER, "borrow-through");
                    call(&composition, through, [borrow.clone().into()])
                        .await
                        .unwrap();
                }
                let args = [borrow.into()];
                call(
                    &composition,
                    ("owner", COUNTERS, "[method]counter.value"),
                    args,
                )
                .await
            })
        };
        let borrowers: Vec<_> = (0..TASKS).map(|_| borrower()).collect();
        let consume = ("owner", COUNTERS, "take-list");
        // The others may all be done by the time it is given away.
        let lent = counter.borrow();
        let given = call(&counters.composition, consume, [vec![counter].into()]).await;
        assert!(matches!(given, Err(CallError::Lent { .. })), "{given:?}");
        drop(lent);
        let mut highest = Value::U32(0);
        for borrower in borrowers {
            let value = borrower.await.unwrap().unwrap();
            if matches!((&value, &highest), (Value::U32(v), Value::U32(h)) if v > h) {
                highest = value;
            }
        }
        // It lived until the last of them was done.
        assert_eq!(highest, Value::U32(TASKS * ROUNDS));
        counters.none_left().await;
    })
    .await;
}
