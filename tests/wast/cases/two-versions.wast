;; Two versions of one interface, each from a component of its own, in one user.
(component
  (component $Old
    (core module $m (func (export "f") (result i32) (i32.const 1)))
    (core instance $i (instantiate $m))
    (func $f (result u32) (canon lift (core func $i "f")))
    (instance $x (export "f" (func $f)))
    (export "test:versions/x@1.0.0" (instance $x)))
  (component $New
    (core module $m (func (export "f") (result i32) (i32.const 2)))
    (core instance $i (instantiate $m))
    (func $f (result u32) (canon lift (core func $i "f")))
    (instance $x (export "f" (func $f)))
    (export "test:versions/x@1.1.0" (instance $x)))
  (component $User
    (import "test:versions/x@1.0.0" (instance $old (export "f" (func (result u32)))))
    (import "test:versions/x@1.1.0" (instance $new (export "f" (func (result u32)))))
    (core func $old (canon lower (func $old "f")))
    (core func $new (canon lower (func $new "f")))
    (core module $m
      (import "" "old" (func $old (result i32)))
      (import "" "new" (func $new (result i32)))
      (func (export "run") (result i32) (i32.add (i32.mul (call $old) (i32.const 10)) (call $new))))
    (core instance $i (instantiate $m (with "" (instance (export "old" (func $old)) (export "new" (func $new))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $old (instantiate $Old))
  (instance $new (instantiate $New))
  (instance $user (instantiate $User
    (with "test:versions/x@1.0.0" (instance $old "test:versions/x@1.0.0"))
    (with "test:versions/x@1.1.0" (instance $new "test:versions/x@1.1.0"))))
  (func (export "run") (alias export $user "run")))
(assert_return (invoke "run") (u32.const 12))
