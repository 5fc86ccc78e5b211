//! Streams of random items, in random pieces on both sides, with random ends.
//!
//! Three guests: `source` writes the items that it is given to a stream, `sink` reads a
//! stream, and `user` calls one and then the other. What the sink has read is compared
//! with what the source was given: between three stores, in one store (where wasmtime
//! alone moves the items), and with the embedder at either end.

use composer::fused::{FusedComponents, FusedMember};
use composer::{
    ComponentState, ComposableDescriptor, Composer, Composition, PreparedComposition, StreamReader,
    StreamWriter, Type, Value,
};
use futures::{SinkExt, StreamExt};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use wasmtime::component::{Component, Val};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::layout::{align, size};
use super::spec::{Names, types};
use super::things::{Things, undress};
use crate::support::arbitrary::any_val;
use crate::support::engine;
use crate::support::property::{Bounded, cases};

const SOURCE: &str = "test:fuzz/source";
const SINK: &str = "test:fuzz/sink";
const USER: &str = "test:fuzz/user";
const NAMES: [&str; 3] = ["source", "sink", "user"];

/// How a stream of some items is moved.
#[derive(Clone, Debug)]
struct Flow {
    item: Type,
    items: Vec<Val>,
    /// How many items are written, and read, at a time.
    written: u32,
    read: u32,
    /// After how many items the reader stops.
    most: u32,
}

fn flows() -> impl Strategy<Value = Flow> {
    let moved = |ty: &Type| {
        // Characters alone are no items, and resources have tests of their own.
        *ty != Type::Char && !ty.any(&mut |ty| matches!(ty, Type::Own(_) | Type::Borrow(_)))
    };
    let item = types().prop_filter("items that can be moved", moved);
    item.prop_flat_map(|item| {
        let items = vec(any_val(&item), 0..40);
        let most = prop_oneof![2 => Just(u32::MAX), 1 => 0..30u32];
        (Just(item), items, 1..20u32, 1..20u32, most)
    })
    .prop_map(|(item, items, written, read, most)| Flow {
        item,
        items,
        written,
        read,
        most,
    })
}

impl Flow {
    fn wit(&self) -> String {
        let mut names = Names::default();
        let item = names.of(&self.item);
        let types = names.types;
        let name = match types.is_empty() {
            true => format!("    type item = {item};\n"),
            false => format!("{types}    type item = {item};\n"),
        };
        format!(
            "package test:fuzz;
interface kinds {{
{name}}}
interface source {{
    use kinds.{{item}};
    open: async func(items: list<item>, chunk: u32) -> stream<item>;
}}
interface sink {{
    use kinds.{{item}};
    collect: async func(items: stream<item>, chunk: u32, most: u32) -> list<item>;
}}
interface user {{
    use kinds.{{item}};
    run: async func(items: list<item>, written: u32, read: u32, most: u32) -> list<item>;
}}
world source-world {{ export source; }}
world sink-world {{ export sink; }}
world user-world {{ import source; import sink; export user; }}
"
        )
    }

    fn binaries(&self) -> [Vec<u8>; 3] {
        let mut resolve = Resolve::default();
        let wit = self.wit();
        let package = resolve
            .push_str("flow.wit", &wit)
            .unwrap_or_else(|error| panic!("{error:?}\n{wit}"));
        let (size, align) = (size(&self.item), align(&self.item));
        let text = |text: &str| {
            text.replace("$SIZE", &size.to_string())
                .replace("$ALIGN", &align.to_string())
        };
        let guests = [
            ("source-world", text(SOURCE_GUEST)),
            ("sink-world", text(SINK_GUEST)),
            ("user-world", text(USER_GUEST)),
        ];
        guests.map(|(world, text)| {
            let world = resolve.select_world(&[package], Some(world)).unwrap();
            let mut module = wat::parse_str(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
            embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
            let encoder = ComponentEncoder::default().module(&module).unwrap();
            let encoded = encoder.validate(true).encode();
            encoded.unwrap_or_else(|error| panic!("{error:?}\n{wit}\n{text}"))
        })
    }

    fn values(&self) -> Vec<Value> {
        let mut none = Things::default();
        let dress = |val| none.dress(&self.item, val);
        self.items.iter().map(dress).collect()
    }

    /// The items that the reader gets.
    fn expected(&self) -> Vec<Val> {
        let most = self.items.len().min(self.most as usize);
        self.items[..most].to_vec()
    }
}

struct Ways {
    isolated: PreparedComposition,
    fused: PreparedComposition,
}

impl Ways {
    fn new(flow: &Flow) -> Self {
        let binaries = flow.binaries();
        let mut isolated = Composer::new();
        let mut group = FusedComponents::bare(engine());
        for (name, bytes) in NAMES.into_iter().zip(&binaries) {
            let component = Component::from_binary(engine(), bytes).unwrap();
            isolated.add(ComposableDescriptor::new(name, component));
            group.add(FusedMember::from_bytes(engine(), name, &bytes[..]).unwrap());
        }
        let mut fused = Composer::new();
        fused.add(ComposableDescriptor::new("group", group));
        Ways {
            isolated: isolated.prepare().unwrap(),
            fused: fused.prepare().unwrap(),
        }
    }
}

async fn call(composition: &Composition, interface: &str, name: &str, args: Vec<Value>) -> Value {
    let func = composition.get_func(Some(interface), name).unwrap();
    func.call_owned(args).await.unwrap().unwrap()
}

fn list(value: Value) -> Vec<Val> {
    match undress(value, &mut Vec::new()) {
        Val::List(vals) => vals,
        other => panic!("{other:?}"),
    }
}

/// `user.run`.
async fn run(composition: &Composition, flow: &Flow) -> Vec<Val> {
    let args = vec![
        Value::List(flow.values()),
        flow.written.into(),
        flow.read.into(),
        flow.most.into(),
    ];
    list(call(composition, USER, "run", args).await)
}

/// The embedder reads what the source writes.
async fn read(composition: &Composition, flow: &Flow) -> Vec<Val> {
    let args = vec![Value::List(flow.values()), flow.written.into()];
    let Value::Stream(mut reader) = call(composition, SOURCE, "open", args).await else {
        panic!("a stream was expected");
    };
    let mut found = Vec::new();
    while (found.len() as u64) < u64::from(flow.most) {
        match reader.next().await {
            Some(item) => found.push(undress(item.unwrap(), &mut Vec::new())),
            None => break,
        }
    }
    found
}

/// The embedder writes what the sink reads.
async fn write(composition: &Composition, flow: &Flow) -> Vec<Val> {
    let (mut writer, reader): (StreamWriter, StreamReader) = composer::stream();
    let items = flow.values();
    let write = async {
        for item in items {
            if writer.send(item).await.is_err() {
                break;
            }
        }
        drop(writer);
    };
    let args = vec![reader.into(), flow.read.into(), flow.most.into()];
    let (found, ()) = futures::join!(call(composition, SINK, "collect", args), write);
    list(found)
}

async fn check(flow: &Flow, ways: &Ways) -> Result<(), TestCaseError> {
    let expected = flow.expected();
    let isolated = ways.isolated.compose().await.unwrap();
    let fused = ways.fused.compose().await.unwrap();
    let same = |way: &str, found: Vec<Val>| {
        prop_assert!(
            found == expected,
            "{way}: {found:?}\nexpected: {expected:?}"
        );
        Ok(())
    };
    for _ in 0..2 {
        same("isolated", run(&isolated, flow).await)?;
        same("fused", run(&fused, flow).await)?;
        same("read", read(&isolated, flow).await)?;
        same("written", write(&isolated, flow).await)?;
    }
    for name in NAMES {
        let status = isolated.component(name).unwrap().status();
        prop_assert!(matches!(status.state, ComponentState::Running), "{name}");
    }
    Ok(())
}

#[test]
fn what_is_written_is_what_is_read() {
    let runtime = Bounded::new();
    let test = |flow: Flow| {
        let checked = runtime.block_on(check(&flow, &Ways::new(&flow)));
        checked.map_err(|error| TestCaseError::fail(format!("{error}\n{}", flow.wit())))
    };
    let outcome = TestRunner::new(cases(24)).run(&flows(), test);
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Memory that is never given back.
macro_rules! memory {
    () => {
        r#"
  (memory (export "memory") 4)
  (global $top (mut i32) (i32.const 4096))
  (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $top) (i32.sub (local.get 2) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get 2))))
    (global.set $top (i32.add (local.get $at) (local.get 3)))
    (block $enough
      (loop $more
        (br_if $enough (i32.le_u (global.get $top) (i32.shl (memory.size) (i32.const 16))))
        (br_if $more (i32.ne (memory.grow (i32.const 4)) (i32.const -1)))
        unreachable))
    (local.get $at))
  ;; Waits until what was begun with a waitable is over, and returns its code.
  (func $finish (param $waitable i32) (param $code i32) (result i32)
    (local $set i32)
    (if (i32.ne (local.get $code) (i32.const -1)) (then (return (local.get $code))))
    (local.set $set (call $set-new))
    (call $join (local.get $waitable) (local.get $set))
    (drop (call $wait (local.get $set) (i32.const 16)))
    (call $join (local.get $waitable) (i32.const 0))
    (call $set-drop (local.get $set))
    (i32.load (i32.const 20)))
"#
    };
}

macro_rules! waiting {
    () => {
        r#"
  (import "$root" "[waitable-set-new]" (func $set-new (result i32)))
  (import "$root" "[waitable-set-drop]" (func $set-drop (param i32)))
  (import "$root" "[waitable-join]" (func $join (param i32 i32)))
  (import "$root" "[waitable-set-wait]" (func $wait (param i32 i32) (result i32)))
"#
    };
}

const SOURCE_GUEST: &str = concat!(
    "(module",
    waiting!(),
    r#"
  (import "[export]test:fuzz/source" "[stream-new-0]open" (func $new (result i64)))
  (import "[export]test:fuzz/source" "[async-lower][stream-write-0]open"
    (func $write (param i32 i32 i32) (result i32)))
  (import "[export]test:fuzz/source" "[stream-drop-writable-0]open" (func $drop (param i32)))
  (import "[export]test:fuzz/source" "[task-return]open" (func $return (param i32)))
"#,
    memory!(),
    r#"
  (func (export "[async-lift]test:fuzz/source#open")
    (param $at i32) (param $left i32) (param $chunk i32) (result i32)
    (local $ends i64) (local $writer i32) (local $code i32) (local $count i32)
    (local.set $ends (call $new))
    (local.set $writer (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
    (call $return (i32.wrap_i64 (local.get $ends)))
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $left)))
        (local.set $count (select (local.get $left) (local.get $chunk)
          (i32.lt_u (local.get $left) (local.get $chunk))))
        (local.set $code (call $finish (local.get $writer)
          (call $write (local.get $writer) (local.get $at) (local.get $count))))
        (local.set $count (i32.shr_u (local.get $code) (i32.const 4)))
        (local.set $at (i32.add (local.get $at)
          (i32.mul (local.get $count) (i32.const $SIZE))))
        (local.set $left (i32.sub (local.get $left) (local.get $count)))
        (br_if $next (i32.eqz (i32.and (local.get $code) (i32.const 15))))))
    (call $drop (local.get $writer))
    (i32.const 0))
  (func (export "[callback][async-lift]test:fuzz/source#open")
    (param i32 i32 i32) (result i32) unreachable))
"#
);

const SINK_GUEST: &str = concat!(
    "(module",
    waiting!(),
    r#"
  (import "[export]test:fuzz/sink" "[async-lower][stream-read-0]collect"
    (func $read (param i32 i32 i32) (result i32)))
  (import "[export]test:fuzz/sink" "[stream-drop-readable-0]collect" (func $drop (param i32)))
  (import "[export]test:fuzz/sink" "[task-return]collect" (func $return (param i32 i32)))
"#,
    memory!(),
    r#"
  (func (export "[async-lift]test:fuzz/sink#collect")
    (param $reader i32) (param $chunk i32) (param $most i32) (result i32)
    (local $from i32) (local $found i32) (local $code i32) (local $count i32)
    ;; More room than any test needs, so that the items are in one row.
    (local.set $from (call $realloc (i32.const 0) (i32.const 0) (i32.const $ALIGN)
      (i32.mul (i32.const 64) (i32.const $SIZE))))
    (block $end
      (loop $next
        (local.set $count (i32.sub (local.get $most) (local.get $found)))
        (br_if $end (i32.eqz (local.get $count)))
        (local.set $count (select (local.get $count) (local.get $chunk)
          (i32.lt_u (local.get $count) (local.get $chunk))))
        (local.set $code (call $finish (local.get $reader)
          (call $read (local.get $reader)
            (i32.add (local.get $from) (i32.mul (local.get $found) (i32.const $SIZE)))
            (local.get $count))))
        (local.set $found (i32.add (local.get $found)
          (i32.shr_u (local.get $code) (i32.const 4))))
        (br_if $next (i32.eqz (i32.and (local.get $code) (i32.const 15))))))
    (call $drop (local.get $reader))
    (call $return (local.get $from) (local.get $found))
    (i32.const 0))
  (func (export "[callback][async-lift]test:fuzz/sink#collect")
    (param i32 i32 i32) (result i32) unreachable))
"#
);

const USER_GUEST: &str = concat!(
    "(module",
    waiting!(),
    r#"
  (import "test:fuzz/source" "[async-lower]open"
    (func $open (param i32 i32 i32 i32) (result i32)))
  (import "test:fuzz/sink" "[async-lower]collect"
    (func $collect (param i32 i32 i32 i32) (result i32)))
  (import "$root" "[subtask-drop]" (func $subtask-drop (param i32)))
  (import "[export]test:fuzz/user" "[task-return]run" (func $return (param i32 i32)))
"#,
    memory!(),
    r#"
  ;; Waits until a call has returned.
  (func $returned (param $code i32)
    (local $set i32) (local $task i32)
    (if (i32.eq (i32.and (local.get $code) (i32.const 15)) (i32.const 2)) (then (return)))
    (local.set $task (i32.shr_u (local.get $code) (i32.const 4)))
    (local.set $set (call $set-new))
    (call $join (local.get $task) (local.get $set))
    (block $done
      (loop $wait
        (drop (call $wait (local.get $set) (i32.const 16)))
        (br_if $wait (i32.ne (i32.load (i32.const 20)) (i32.const 2)))))
    (call $join (local.get $task) (i32.const 0))
    (call $subtask-drop (local.get $task))
    (call $set-drop (local.get $set)))
  (func (export "[async-lift]test:fuzz/user#run")
    (param $items i32) (param $count i32) (param $written i32) (param $read i32)
    (param $most i32) (result i32)
    (call $returned (call $open
      (local.get $items) (local.get $count) (local.get $written) (i32.const 32)))
    (call $returned (call $collect
      (i32.load (i32.const 32)) (local.get $read) (local.get $most) (i32.const 40)))
    (call $return (i32.load (i32.const 40)) (i32.load (i32.const 44)))
    (i32.const 0))
  (func (export "[callback][async-lift]test:fuzz/user#run")
    (param i32 i32 i32) (result i32) unreachable))
"#
);
