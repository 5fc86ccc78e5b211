;; A chain of three: the last calls the middle, which calls the first. The last two are
;; instances of one component.
(component
  (component $First
    (core module $m (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
    (core instance $i (instantiate $m))
    (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f"))))
  (component $Next
    (import "f" (func $f (param "n" u32) (result u32)))
    (core func $f (canon lower (func $f)))
    (core module $m
      (import "" "f" (func $f (param i32) (result i32)))
      (func (export "f") (param i32) (result i32)
        (i32.mul (call $f (call $f (local.get 0))) (i32.const 10))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "g") (param "n" u32) (result u32) (canon lift (core func $i "f"))))
  (instance $first (instantiate $First))
  (instance $middle (instantiate $Next (with "f" (func $first "f"))))
  (instance $last (instantiate $Next (with "f" (func $middle "g"))))
  (func (export "first") (alias export $first "f"))
  (func (export "middle") (alias export $middle "g"))
  (func (export "last") (alias export $last "g")))
(assert_return (invoke "first" (u32.const 1)) (u32.const 2))
(assert_return (invoke "middle" (u32.const 1)) (u32.const 30))
(assert_return (invoke "last" (u32.const 1)) (u32.const 3200))
