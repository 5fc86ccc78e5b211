;; A component may hold back calls of its `async` functions. One that is held back has not
;; started (0), and to cancel it says so (3).
(component
  (component $C
    (core module $m
      (import "" "inc" (func $inc))
      (func (export "on") (call $inc))
      (func (export "f") (result i32) unreachable)
      (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
    (canon backpressure.inc (core func $inc))
    (core instance $i (instantiate $m (with "" (instance (export "inc" (func $inc))))))
    (func (export "on") (canon lift (core func $i "on")))
    (func (export "f") async (canon lift (core func $i "f") async (callback (core func $i "cb")))))
  (component $D
    (import "f" (func $f async))
    (import "on" (func $on))
    (core func $f (canon lower (func $f) async))
    (core func $on (canon lower (func $on)))
    (canon subtask.cancel (core func $cancel))
    (core module $m
      (import "" "f" (func $f (result i32)))
      (import "" "on" (func $on))
      (import "" "cancel" (func $cancel (param i32) (result i32)))
      (func (export "run") (result i32)
        (local $r i32)
        (call $on)
        (local.set $r (call $f))
        (i32.add (i32.mul (i32.and (local.get $r) (i32.const 15)) (i32.const 100))
          (call $cancel (i32.shr_u (local.get $r) (i32.const 4))))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f)) (export "on" (func $on)) (export "cancel" (func $cancel))))))
    (func (export "run") async (result u32) (canon lift (core func $i "run"))))
  (instance $c (instantiate $C))
  (instance $d (instantiate $D (with "f" (func $c "f")) (with "on" (func $c "on"))))
  (func (export "run") (alias export $d "run")))
(assert_return (invoke "run") (u32.const 3))
