//! Memory, tables and handles.

use composer::runtime::Limits;
use composer::{CompositionError, Limit, PartError, StartError, Value};

use wasmtime::Trap;

use super::{alone, call, exceeded, loaded, wat};
use crate::support::hostile::Hostile;

const MIB: usize = 1 << 20;

#[tokio::test]
async fn memory() {
    let part = loaded("hostile").await.part();
    let usage = part.usage();
    let hostile = Hostile::with(part.with_limits(Limits::default().with_memory(8 * MIB))).await;
    hostile.call("grow", [10u32.into()]).await.unwrap();
    let error = hostile.call("grow", [1000u32.into()]).await.unwrap_err();
    let death = hostile.death("grow", &error);
    let exceeded = exceeded(&error, Limit::Memory, "grow");
    assert_eq!(exceeded.allowed, 8 * MIB as u64);
    assert!(exceeded.wanted.unwrap() > exceeded.allowed);
    assert_eq!(exceeded.site.unwrap().function, "grow");
    assert!(!death.backtrace.is_empty());
    assert!((MIB as u64..=8 * MIB as u64).contains(&usage.peak_memory()));
    hostile.assert_dead_alone(&death).await;
}

/// Two memories, each of which stays below the limit.
const TWO_MEMORIES: &str = r#"(component
    (core module $m
        (memory 1)
        (func (export "grow") (param i32) (result i32) local.get 0 memory.grow))
    (core instance $a (instantiate $m))
    (core instance $b (instantiate $m))
    (func (export "one") (param "pages" u32) (result s32) (canon lift (core func $a "grow")))
    (func (export "other") (param "pages" u32) (result s32) (canon lift (core func $b "grow"))))"#;

#[tokio::test]
async fn memories_count_together() {
    let limits = Limits::default().with_memory(10 * 65_536);
    let guest = alone(wat(TWO_MEMORIES).await.part().with_limits(limits)).await;
    for name in ["one", "other"] {
        let grown = call(&guest, name, [4u32.into()]).await.unwrap();
        assert_eq!(grown, Some(Value::S32(1)));
    }
    let error = call(&guest, "one", [1u32.into()]).await.unwrap_err();
    let exceeded = exceeded(&error, Limit::Memory, "one");
    assert_eq!(exceeded.wanted, Some(11 * 65_536));
}

/// A guest that asks for more than its own type allows is told so, and gets
/// nothing back for it that it had.
#[tokio::test]
async fn a_memory_that_may_not_grow_gives_nothing_back() {
    let text = r#"(component
        (core module $m
            (memory 1 4)
            (func (export "grow") (param i32) (result i32) local.get 0 memory.grow))
        (core instance $a (instantiate $m))
        (core instance $b (instantiate $m))
        (func (export "one") (param "pages" u32) (result s32) (canon lift (core func $a "grow")))
        (func (export "other") (param "pages" u32) (result s32)
            (canon lift (core func $b "grow"))))"#;
    let limits = Limits::default().with_memory(5 * 65_536);
    let guest = alone(wat(text).await.part().with_limits(limits)).await;
    let grown = call(&guest, "one", [3u32.into()]).await.unwrap();
    assert_eq!(grown, Some(Value::S32(1)));
    for pages in [1u32, 70_000] {
        let refused = call(&guest, "one", [pages.into()]).await.unwrap();
        assert_eq!(refused, Some(Value::S32(-1)));
    }
    let error = call(&guest, "other", [1u32.into()]).await.unwrap_err();
    exceeded(&error, Limit::Memory, "other");
}

#[tokio::test]
async fn table_elements() {
    let text = r#"(component
        (core module $m
            (table 10 funcref)
            (func (export "grow") (param i32) (result i32)
                (table.grow (ref.null func) (local.get 0))))
        (core instance $i (instantiate $m))
        (func (export "grow") (param "by" u32) (result s32) (canon lift (core func $i "grow"))))"#;
    let limits = Limits::default().with_table_elements(1_000);
    let guest = alone(wat(text).await.part().with_limits(limits)).await;
    let grown = call(&guest, "grow", [990u32.into()]).await.unwrap();
    assert_eq!(grown, Some(Value::S32(10)));
    let error = call(&guest, "grow", [1u32.into()]).await.unwrap_err();
    let exceeded = exceeded(&error, Limit::TableElements, "grow");
    assert_eq!((exceeded.wanted, exceeded.allowed), (Some(1_001), 1_000));
}

/// What a composition of one guest with these limits fails with.
async fn refused(text: &str, limits: Limits) -> CompositionError {
    let mut composer = composer::Composer::new();
    let part = wat(text).await.part().with_limits(limits);
    composer.add(composer::ComposableDescriptor::new("guest", part));
    composer.compose().await.err().unwrap()
}

#[tokio::test]
async fn more_memories_than_allowed() {
    let error = refused(TWO_MEMORIES, Limits::default().with_memories(1)).await;
    let CompositionError::Parts(errors) = error else {
        panic!("{error}");
    };
    let [
        PartError::Limit {
            component,
            exceeded,
        },
    ] = errors.errors()
    else {
        panic!("{errors}");
    };
    assert_eq!(component, "guest");
    assert_eq!(
        (exceeded.limit, exceeded.wanted),
        (Limit::Memories, Some(2))
    );
    assert_eq!(exceeded.allowed, 1);
}

#[tokio::test]
async fn more_tables_than_allowed() {
    let text = r#"(component
        (core module $m (table 1 funcref) (table 1 funcref) (table 1 funcref))
        (core instance (instantiate $m)))"#;
    let error = refused(text, Limits::default().with_tables(2)).await;
    assert_eq!(
        error.to_string(),
        "component `guest` cannot start within its limits: \
         3 tables wanted, more than the 2 allowed; raise it with `Limits::with_tables`"
    );
}

#[tokio::test]
async fn more_core_instances_than_allowed() {
    let error = refused(TWO_MEMORIES, Limits::default().with_core_instances(1)).await;
    let CompositionError::Start(StartError::Instantiate { death, .. }) = error else {
        panic!("{error}");
    };
    let exceeded = death.limit().unwrap();
    assert_eq!(exceeded.limit, Limit::CoreInstances);
    assert_eq!((exceeded.wanted, exceeded.allowed), (Some(2), 1));
}

/// As many instances as there may be, and then something else goes wrong.
#[tokio::test]
async fn a_trap_at_the_start_is_no_lack_of_instances() {
    let text = r#"(component
        (core module $m (func $f unreachable) (start $f))
        (core instance (instantiate $m)))"#;
    let error = refused(text, Limits::default().with_core_instances(1)).await;
    let CompositionError::Start(StartError::Instantiate { death, .. }) = error else {
        panic!("{error}");
    };
    assert_eq!(death.trap(), Some(Trap::UnreachableCodeReached));
}

/// Makes resources, and gives one away.
const MAKER: &str = r#"(component
    (type $r' (resource (rep i32)))
    (export $r "r" (type $r'))
    (core func $new (canon resource.new $r'))
    (core module $m
        (import "" "new" (func $new (param i32) (result i32)))
        (func (export "make") (param i32)
            (loop $again
                (drop (call $new (i32.const 0)))
                (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "give") (result i32) (call $new (i32.const 0)))
        (func (export "trap") unreachable))
    (core instance $in (export "new" (func $new)))
    (core instance $i (instantiate $m (with "" (instance $in))))
    (func (export "make") (param "n" u32) (canon lift (core func $i "make")))
    (func (export "give") (result (own $r)) (canon lift (core func $i "give")))
    (func (export "trap") (canon lift (core func $i "trap"))))"#;

#[tokio::test]
async fn handles() {
    let limits = Limits::default().with_handles(100);
    let guest = alone(wat(MAKER).await.part().with_limits(limits)).await;
    call(&guest, "make", [100u32.into()]).await.unwrap();
    let error = call(&guest, "make", [1u32.into()]).await.unwrap_err();
    let exceeded = exceeded(&error, Limit::Handles, "make");
    assert_eq!((exceeded.wanted, exceeded.allowed), (Some(101), 100));
}

/// Resources that others hold have handles too.
#[tokio::test]
async fn handles_that_were_given_away() {
    let limits = Limits::default().with_handles(10);
    let guest = alone(wat(MAKER).await.part().with_limits(limits)).await;
    let mut held = Vec::new();
    let error = loop {
        match call(&guest, "give", []).await {
            Ok(resource) => held.push(resource),
            Err(error) => break error,
        }
        assert!(held.len() <= 10);
    };
    exceeded(&error, Limit::Handles, "give");
}

#[tokio::test]
async fn a_trap_with_all_handles_taken_is_a_trap() {
    let limits = Limits::default().with_handles(10);
    let guest = alone(wat(MAKER).await.part().with_limits(limits)).await;
    call(&guest, "make", [10u32.into()]).await.unwrap();
    let error = call(&guest, "trap", []).await.unwrap_err();
    let trap = error.death().unwrap().trap();
    assert_eq!(trap, Some(Trap::UnreachableCodeReached));
}
