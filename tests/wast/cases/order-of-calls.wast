;; A call that was begun, but not waited for, comes before a plain call that is made after
;; it.
(component
  (component $C
    (core module $m
      (global $v (mut i32) (i32.const 0))
      (func (export "set") (param i32) (global.set $v (local.get 0)))
      (func (export "get") (result i32) (global.get $v)))
    (core instance $i (instantiate $m))
    (func (export "set") async (param "v" u32) (canon lift (core func $i "set")))
    (func (export "get") (result u32) (canon lift (core func $i "get"))))
  (component $D
    (import "set" (func $set async (param "v" u32)))
    (import "get" (func $get (result u32)))
    (core func $set (canon lower (func $set) async))
    (core func $get (canon lower (func $get)))
    (core module $m
      (import "" "set" (func $set (param i32) (result i32)))
      (import "" "get" (func $get (result i32)))
      (func (export "run") (result i32)
        (drop (call $set (i32.const 42)))
        (call $get)))
    (core instance $i (instantiate $m (with "" (instance (export "set" (func $set)) (export "get" (func $get))))))
    (func (export "run") async (result u32) (canon lift (core func $i "run"))))
  (instance $c (instantiate $C))
  (instance $d (instantiate $D (with "set" (func $c "set")) (with "get" (func $c "get"))))
  (func (export "run") (alias export $d "run")))
(assert_return (invoke "run") (u32.const 42))
