//! The work of a task after it has returned.

use std::time::Duration;

use composer::runtime::Limits;
use composer::{ComponentState, Composition, Limit};

use super::{alone, call, wat};

/// Returns, lets others have their turn, and then never ends.
const GOES_ON: &str = r#"(component
    (core module $m
        (import "" "return" (func $return))
        (func (export "run") (result i32)
            (call $return)
            (i32.const 1 (; yield ;)))
        (func (export "go-on") (param i32 i32 i32) (result i32)
            (loop $again (br $again))
            (unreachable)))
    (core func $return (canon task.return))
    (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
    (func (export "run") async
        (canon lift (core func $i "run") async (callback (core func $i "go-on")))))"#;

/// Calls it, and waits for its death.
async fn goes_on(limits: Limits) -> (Composition, Limit) {
    let guest = alone(wat(GOES_ON).await.part().with_limits(limits)).await;
    assert_eq!(call(&guest, "run", []).await.unwrap(), None);
    loop {
        if let ComponentState::Dead(death) = guest.component("guest").unwrap().status().state {
            let exceeded = death.limit().unwrap_or_else(|| panic!("{death}"));
            assert_eq!(exceeded.site, None);
            assert_eq!(exceeded.allowed, 100);
            let limit = exceeded.limit;
            return (guest, limit);
        }
        tokio::task::yield_now().await;
    }
}

/// It is not its call's time that it spends, and it has a limit of its own.
#[tokio::test]
async fn it_has_its_own_time() {
    let limits = Limits::default()
        .with_time(Some(Duration::from_secs(3_600)))
        .with_background_time(Some(Duration::from_millis(100)));
    let (guest, limit) = goes_on(limits).await;
    assert_eq!(limit, Limit::BackgroundTime);
    call(&guest, "run", []).await.unwrap_err();
}
