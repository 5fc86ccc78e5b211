//! The code of the guests that does not depend on the types of their values.

/// What both guests have.
pub(super) const COMMON: &str = r#"
(memory (export "memory") 4 256)
(global $top (mut i32) (i32.const 4096))
(global $last (mut i32) (i32.const 4096))
;; New memory is filled with it: whoever writes there must write everything.
(global $fill (mut i32) (i32.const 0xa5))
(global $sum (mut i32) (i32.const 0))
(global $kind (mut i32) (i32.const 0))
(global $where (mut i32) (i32.const 0))
(global $number (mut i32) (i32.const 0))
(global $print (mut i32) (i32.const 0))
(func $mix (param i32)
  (global.set $print (i32.add (local.get 0)
    (i32.mul (global.get $print) (i32.const 0x01000193)))))
;; Remembers what is in memory now, so that tests can compare it.
(func $look
  (local $at i32)
  (local.set $at (i32.const 4096))
  (block $done (loop $next
    (br_if $done (i32.ge_u (local.get $at) (global.get $top)))
    (call $mix (i32.load8_u (local.get $at)))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (br $next))))
(func $arm (param i32 i32 i32)
  (global.set $top (i32.const 4096))
  ;; How much of new memory is written is not for the guest to see.
  (global.set $fill (i32.const 0))
  (global.set $print (i32.const 0))
  (global.set $kind (local.get 0))
  (global.set $where (local.get 1))
  (global.set $number (local.get 2)))
(func $allocate (param $align i32) (param $size i32) (result i32)
  (local $at i32) (local $end i32) (local $more i32)
  (local.set $at (i32.and
    (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
    (i32.sub (i32.const 0) (local.get $align))))
  (local.set $end (i32.add (local.get $at) (local.get $size)))
  (if (i32.lt_u (local.get $end) (local.get $at)) (then unreachable))
  (local.set $more (i32.sub (i32.shr_u (local.get $end) (i32.const 16))
    (i32.sub (memory.size) (i32.const 1))))
  (if (i32.gt_s (local.get $more) (i32.const 0)) (then
    (if (i32.eq (memory.grow (local.get $more)) (i32.const -1)) (then unreachable))))
  (memory.fill (local.get $at) (global.get $fill) (local.get $size))
  (global.set $top (local.get $end))
  (local.get $at))
(func (export "cabi_realloc")
  (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32) (local $beside i32)
  (block $honest (if (i32.ge_u (global.get $kind) (i32.const 5)) (then
    (if (i32.eqz (global.get $where))
      (then
        (if (i32.eq (global.get $kind) (i32.const 5)) (then
          (global.set $kind (i32.const 0))
          (br_if $honest (call $shared (global.get $number) (local.get $size)))
          (return (global.get $number))))
        (if (i32.eq (global.get $kind) (i32.const 6)) (then unreachable))
        (if (i32.eq (global.get $kind) (i32.const 7)) (then
          (global.set $kind (i32.const 0))
          (return (global.get $last))))
        (global.set $kind (i32.const 0))
        (local.set $beside (i32.and (global.get $number) (i32.const 0xff))))
      (else
        (global.set $where (i32.sub (global.get $where) (i32.const 1))))))))
  (local.set $at (call $allocate (local.get $align)
    (i32.add (local.get $size) (local.get $beside))))
  (memory.copy (local.get $at) (local.get $old) (select (local.get $had) (local.get $size)
    (i32.lt_u (local.get $had) (local.get $size))))
  (global.set $last (local.get $at))
  (i32.add (local.get $at) (local.get $beside)))
;; Whether other values may be there too, now or later. What stands there in the
;; end would depend on which is written first, and that is not promised.
(func $shared (param $at i32) (param $size i32) (result i32)
  (local $end i64)
  (local.set $end (i64.add
    (i64.extend_i32_u (local.get $at)) (i64.extend_i32_u (local.get $size))))
  (i32.and
    (i64.gt_u (local.get $end) (i64.const 4096))
    (i64.le_u (local.get $end) (i64.const 0x100_0000))))
;; Breaks something in memory, if it was told to.
(func $spoil
  (local $at i32)
  (if (i32.eq (global.get $top) (i32.const 4096)) (then (return)))
  (local.set $at (i32.add (i32.const 4096)
    (i32.rem_u (global.get $where) (i32.sub (global.get $top) (i32.const 4096)))))
  (if (i32.eq (global.get $kind) (i32.const 1)) (then
    (i32.store (local.get $at)
      (i32.xor (i32.load (local.get $at)) (global.get $number)))))
  (if (i32.eq (global.get $kind) (i32.const 2)) (then
    (i32.store (i32.and (local.get $at) (i32.const -4)) (global.get $number)))))
;; What a slot is changed by.
(func $slot (param $i i32) (param $of i32) (result i32)
  (select (global.get $number) (i32.const 0) (i32.and
    (i32.eq (global.get $kind) (i32.const 3))
    (i32.eq (local.get $i) (i32.rem_u (global.get $where) (local.get $of))))))
;; Where something is, or is not.
(func $elsewhere (param i32) (result i32)
  (select (global.get $number) (local.get 0) (i32.eq (global.get $kind) (i32.const 4))))
"#;

/// What imports resources has these.
pub(super) const THINGS: &str = r#"
(import "test:fuzz/things" "[method]thing.number" (func $thing-number (param i32) (result i32)))
(import "test:fuzz/things" "[resource-drop]thing" (func $thing-drop (param i32)))
"#;

pub(super) const MAKER: &str = r#"(module
(import "[export]test:fuzz/things" "[resource-new]thing" (func $new (param i32) (result i32)))
(memory (export "memory") 1)
(global $live (mut i32) (i32.const 0))
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
(func (export "test:fuzz/things#[constructor]thing") (param i32) (result i32)
  (global.set $live (i32.add (global.get $live) (i32.const 1)))
  (call $new (local.get 0)))
(func (export "test:fuzz/things#[method]thing.number") (param i32) (result i32) (local.get 0))
(func (export "test:fuzz/things#[dtor]thing") (param i32)
  (global.set $live (i32.sub (global.get $live) (i32.const 1))))
(func (export "test:fuzz/things#live") (result i32) (global.get $live)))"#;

/// Waits until a call has returned, which was made without waiting.
pub(super) const WAIT: &str = r#"
(import "$root" "[waitable-set-new]" (func $set-new (result i32)))
(import "$root" "[waitable-set-wait]" (func $set-wait (param i32 i32) (result i32)))
(import "$root" "[waitable-set-drop]" (func $set-drop (param i32)))
(import "$root" "[waitable-join]" (func $join (param i32 i32)))
(import "$root" "[subtask-drop]" (func $subtask-drop (param i32)))
"#;

pub(super) const WAIT_FUNCTION: &str = r#"
(func $wait (param $status i32)
  (local $call i32) (local $set i32)
  (if (i32.eq (local.get $status) (i32.const 2)) (then (return)))
  (local.set $call (i32.shr_u (local.get $status) (i32.const 4)))
  (local.set $set (call $set-new))
  (call $join (local.get $call) (local.get $set))
  (loop $again
    (drop (call $set-wait (local.get $set) (i32.const 16)))
    (br_if $again (i32.ne (i32.load (i32.const 20)) (i32.const 2))))
  (call $subtask-drop (local.get $call))
  (call $set-drop (local.get $set)))
"#;
