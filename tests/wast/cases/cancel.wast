;; Who cancels a call that has begun is heard by the callee: it gets the event that its
;; task is cancelled (6) and gives up, and the caller hears that it was cancelled before
;; it returned (4).
(component
  (component $C
    (core module $mem (memory (export "mem") 1))
    (core instance $mem (instantiate $mem))
    (core module $m
      (import "" "new" (func $new (result i32)))
      (import "" "task.cancel" (func $cancel))
      (global $heard (mut i32) (i32.const 0))
      (func (export "f") (result i32)
        (i32.or (i32.const 2) (i32.shl (call $new) (i32.const 4))))
      (func (export "cb") (param i32 i32 i32) (result i32)
        (global.set $heard (local.get 0))
        (call $cancel)
        i32.const 0)
      (func (export "heard") (result i32) global.get $heard))
    (canon waitable-set.new (core func $new))
    (canon task.cancel (core func $cancel))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "task.cancel" (func $cancel))))))
    (func (export "f") async (canon lift (core func $i "f") async (callback (core func $i "cb"))))
    (func (export "heard") (result u32) (canon lift (core func $i "heard"))))
  (component $D
    (import "f" (func $f async))
    (import "heard" (func $heard (result u32)))
    (core func $f (canon lower (func $f) async))
    (core func $heard (canon lower (func $heard)))
    (canon subtask.cancel (core func $cancel))
    (core module $m
      (import "" "f" (func $f (result i32)))
      (import "" "heard" (func $heard (result i32)))
      (import "" "cancel" (func $cancel (param i32) (result i32)))
      ;; status after the cancellation * 100 + event that was heard
      (func (export "run") (result i32)
        (local $r i32)
        (local.set $r (call $f))
        (if (i32.ne (i32.and (local.get $r) (i32.const 15)) (i32.const 1)) (then unreachable))
        (local.set $r (call $cancel (i32.shr_u (local.get $r) (i32.const 4))))
        (i32.add (i32.mul (local.get $r) (i32.const 100)) (call $heard))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f)) (export "heard" (func $heard)) (export "cancel" (func $cancel))))))
    (func (export "run") async (result u32) (canon lift (core func $i "run"))))
  (instance $c (instantiate $C))
  (instance $d (instantiate $D (with "f" (func $c "f")) (with "heard" (func $c "heard"))))
  (func (export "run") (alias export $d "run")))
;; CANCELLED_BEFORE_RETURNED = 4, TASK_CANCELLED = 6
(assert_return (invoke "run") (u32.const 406))
