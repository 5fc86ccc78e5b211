;; An `async` call of a function that does not wait has returned (2) when the caller goes
;; on.
(component
  (component $C
    (core module $m (func (export "f")))
    (core instance $i (instantiate $m))
    (func (export "f") async (canon lift (core func $i "f"))))
  (component $D
    (import "f" (func $f async))
    (core func $f (canon lower (func $f) async))
    (core module $m (import "" "f" (func $f (result i32))) (func (export "run") (result i32) (i32.and (call $f) (i32.const 15))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "run") async (result u32) (canon lift (core func $i "run"))))
  (instance $c (instantiate $C))
  (instance $d (instantiate $D (with "f" (func $c "f"))))
  (func (export "run") (alias export $d "run")))
(assert_return (invoke "run") (u32.const 2))
