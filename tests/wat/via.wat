;; Passes faults on to the next component, and has a function of its own.
(component
  (import "test:hostile/faults@0.1.0" (instance $next
    (export "ok" (func (result u32)))
    (export "trap" (func))))
  (core func $ok (canon lower (func $next "ok")))
  (core func $trap (canon lower (func $next "trap")))
  (core module $main
    (import "next" "ok" (func $ok (result i32)))
    (import "next" "trap" (func $trap))
    (func $via_ok (export "ok") (result i32) (call $ok))
    (func $via_trap (export "trap") (call $trap))
    (func (export "alone") (result i32) (i32.const 7)))
  (core instance $main (instantiate $main
    (with "next" (instance
      (export "ok" (func $ok))
      (export "trap" (func $trap))))))
  (func $ok' (result u32) (canon lift (core func $main "ok")))
  (func $trap' (canon lift (core func $main "trap")))
  (instance $faults
    (export "ok" (func $ok'))
    (export "trap" (func $trap')))
  (export "test:hostile/faults@0.1.0" (instance $faults))
  (func (export "alone") (result u32) (canon lift (core func $main "alone"))))
