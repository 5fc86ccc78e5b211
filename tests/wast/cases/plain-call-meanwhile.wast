;; A component whose `async` function waits can be called by a plain one meanwhile.
(component
  (component $Callee
    (core module $libc (memory (export "memory") 1))
    (core instance $libc (instantiate $libc))
    (core func $new (canon waitable-set.new))
    (core func $wait (canon waitable-set.wait (memory (core memory $libc "memory"))))
    (core module $m
      (import "" "new" (func $new (result i32)))
      (import "" "wait" (func $wait (param i32 i32) (result i32)))
      ;; Nothing ever comes.
      (func (export "wait") (result i32) (call $wait (call $new) (i32.const 0)))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable)
      (func (export "seven") (result i32) (i32.const 7)))
    (core instance $i (instantiate $m (with "" (instance
      (export "new" (func $new)) (export "wait" (func $wait))))))
    (func (export "wait") async
      (canon lift (core func $i "wait") async (callback (core func $i "callback"))))
    (func (export "seven") (result u32) (canon lift (core func $i "seven"))))
  (component $Caller
    (import "wait" (func $wait async))
    (import "seven" (func $seven (result u32)))
    (core func $wait (canon lower (func $wait) async))
    (core func $seven (canon lower (func $seven)))
    (core module $m
      (import "" "wait" (func $wait (result i32)))
      (import "" "seven" (func $seven (result i32)))
      (func (export "run") (result i32)
        ;; It has started (1).
        (if (i32.ne (i32.and (call $wait) (i32.const 15)) (i32.const 1)) (then unreachable))
        (call $seven)))
    (core instance $i (instantiate $m (with "" (instance
      (export "wait" (func $wait)) (export "seven" (func $seven))))))
    (func (export "run") async (result u32) (canon lift (core func $i "run"))))
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller
    (with "wait" (func $callee "wait")) (with "seven" (func $callee "seven"))))
  (func (export "run") (alias export $caller "run")))
(assert_return (invoke "run") (u32.const 7))
