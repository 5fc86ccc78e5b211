;; Adds numbers, and goes wrong when it is told to.
(component
  (core module $m
    (func (export "add") (param i32 i32) (result i32)
      (i32.add (local.get 0) (local.get 1)))
    (func (export "fail") (result i32) unreachable)
    (func $dive (export "dive") (result i32)
      (i32.add (i32.const 1) (call $dive))))
  (core instance $i (instantiate $m))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (func $fail (result u32) (canon lift (core func $i "fail")))
  (func $dive (result u32) (canon lift (core func $i "dive")))
  (instance $sums
    (export "add" (func $add))
    (export "fail" (func $fail))
    (export "dive" (func $dive)))
  (export "test:direct/sums" (instance $sums)))
