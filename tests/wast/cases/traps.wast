;; A trap in the callee is one in its caller, and neither can be called again.
(component
  (component $Callee
    (core module $m
      (func (export "f") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then unreachable))
        (i32.div_u (i32.const 100) (i32.sub (local.get 0) (i32.const 1)))))
    (core instance $i (instantiate $m))
    (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f"))))
  (component $Caller
    (import "f" (func $f (param "n" u32) (result u32)))
    (core func $f (canon lower (func $f)))
    (core module $m
      (import "" "f" (func $f (param i32) (result i32)))
      (func (export "run") (param i32) (result i32) (call $f (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller (with "f" (func $callee "f"))))
  (func (export "run") (alias export $caller "run")))
(assert_return (invoke "run" (u32.const 5)) (u32.const 25))
(assert_trap (invoke "run" (u32.const 0)) "unreachable")
(assert_trap (invoke "run" (u32.const 5)) "cannot enter component instance")

;; The same once more with another trap, and with one while a component is instantiated.
(component
  (component $Callee
    (core module $m
      (func (export "f") (param i32) (result i32) (i32.div_u (i32.const 100) (local.get 0))))
    (core instance $i (instantiate $m))
    (func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f"))))
  (component $Caller
    (import "f" (func $f (param "n" u32) (result u32)))
    (core func $f (canon lower (func $f)))
    (core module $m
      (import "" "f" (func $f (param i32) (result i32)))
      (func (export "run") (param i32) (result i32) (call $f (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))
  (instance $callee (instantiate $Callee))
  (instance $caller (instantiate $Caller (with "f" (func $callee "f"))))
  (func (export "run") (alias export $caller "run")))
(assert_trap (invoke "run" (u32.const 0)) "integer divide by zero")
(assert_trap
  (component
    (component $Callee
      (core module $m (func (export "f") unreachable))
      (core instance $i (instantiate $m))
      (func (export "f") (canon lift (core func $i "f"))))
    (component $Caller
      (import "f" (func $f))
      (core func $f (canon lower (func $f)))
      (core module $m (import "" "f" (func $f)) (start $f))
      (core instance $i (instantiate $m (with "" (instance (export "f" (func $f)))))))
    (instance $callee (instantiate $Callee))
    (instance $caller (instantiate $Caller (with "f" (func $callee "f")))))
  "unreachable")
