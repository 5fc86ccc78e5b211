;; An interface with an interface in it.
(component
  (component $C
    (core module $m (func (export "f") (result i32) i32.const 42))
    (core instance $i (instantiate $m))
    (func $f (result u32) (canon lift (core func $i "f")))
    (instance $y (export "f" (func $f)))
    (instance $x (export "y" (instance $y)))
    (export "x" (instance $x)))
  (component $D
    (import "x" (instance $x (export "y" (instance (export "f" (func (result u32)))))))
    (alias export $x "y" (instance $y))
    (alias export $y "f" (func $f))
    (core func $f (canon lower (func $f)))
    (core module $m (import "" "f" (func $f (result i32))) (func (export "run") (result i32) (call $f)))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $c (instantiate $C))
  (instance $d (instantiate $D (with "x" (instance $c "x"))))
  (func (export "run") (alias export $d "run")))
(assert_return (invoke "run") (u32.const 42))
