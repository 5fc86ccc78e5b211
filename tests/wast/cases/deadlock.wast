;; A call waits for something that can never come. Where all is in one store, somebody can
;; see that nobody is left who could do anything.
(component
  (component $C
    (core module $m
      (import "" "new" (func $new (result i32)))
      (func (export "f") (result i32)
        (i32.or (i32.const 2) (i32.shl (call $new) (i32.const 4))))
      (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
    (canon waitable-set.new (core func $new))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func (export "f") async (canon lift (core func $i "f") async (callback (core func $i "cb")))))
  (component $D
    (import "f" (func $f async))
    (core func $f (canon lower (func $f)))
    (core module $m (import "" "f" (func $f)) (func (export "run") (call $f)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "run") async (canon lift (core func $i "run"))))
  (instance $c (instantiate $C))
  (instance $d (instantiate $D (with "f" (func $c "f"))))
  (func (export "run") (alias export $d "run")))
(assert_trap (invoke "run") "deadlock")
