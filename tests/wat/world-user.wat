;; Uses a resource of an interface in its world, as `use counters.{counter}` there
;; has it: its own functions stand in no interface.
(component
  (import "test:resources/counters@0.1.0" (instance $counters
    (export "counter" (type $counter (sub resource)))
    (export "[method]counter.value"
      (func (param "self" (borrow $counter)) (result u32)))))
  (alias export $counters "counter" (type $counter))
  (import "counter" (type $used (eq $counter)))
  (alias export $counters "[method]counter.value" (func $value))
  (core func $value (canon lower (func $value)))
  (core func $drop (canon resource.drop $used))

  (core module $memory
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    ;; Never gives memory back: the tests ask for little.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $memory (instantiate $memory))

  (core module $main
    (import "" "memory" (memory 1))
    (import "" "value" (func $value (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "pass") (param i32) (result i32) (local.get 0))
    (func (export "peek") (param i32) (result i32)
      (local $value i32)
      (local.set $value (call $value (local.get 0)))
      (call $drop (local.get 0))
      (local.get $value))
    (func (export "pass-all") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0))
      (i32.store (i32.const 20) (local.get 1))
      (i32.const 16)))
  (core instance $main (instantiate $main (with "" (instance
    (export "memory" (memory $memory "memory"))
    (export "value" (func $value))
    (export "drop" (func $drop))))))

  (func (export "pass") (param "item" (own $used)) (result (own $used))
    (canon lift (core func $main "pass")))
  (func (export "peek") (param "item" (borrow $used)) (result u32)
    (canon lift (core func $main "peek")))
  (func (export "pass-all") (param "items" (list (own $used))) (result (list (own $used)))
    (canon lift (core func $main "pass-all")
      (memory (core memory $memory "memory"))
      (realloc (core func $memory "realloc")))))
