;; Calls what `sums` exports: `add` as often as it is told, and `dive` from deep
;; in its own stack.
(component
  (import "test:direct/sums" (instance $sums
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
    (export "fail" (func (result u32)))
    (export "dive" (func (result u32)))))
  (core func $add (canon lower (func $sums "add")))
  (core func $fail (canon lower (func $sums "fail")))
  (core func $dive (canon lower (func $sums "dive")))
  (core module $m
    (import "" "add" (func $add (param i32 i32) (result i32)))
    (import "" "fail" (func $fail (result i32)))
    (import "" "dive" (func $dive (result i32)))
    (func (export "adds") (param $times i32) (result i32)
      (local $sum i32)
      (loop $again
        (local.set $sum (call $add (local.get $sum) (i32.const 3)))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (local.get $sum))
    (func (export "fails") (result i32) (call $fail))
    (func $dives (export "dives") (param $depth i32) (result i32)
      (if (result i32) (local.get $depth)
        (then (i32.add (i32.const 1)
          (call $dives (i32.sub (local.get $depth) (i32.const 1)))))
        (else (call $dive)))))
  (core instance $i (instantiate $m (with "" (instance
    (export "add" (func $add))
    (export "fail" (func $fail))
    (export "dive" (func $dive))))))
  (func (export "adds") (param "times" u32) (result u32) (canon lift (core func $i "adds")))
  (func (export "fails") (result u32) (canon lift (core func $i "fails")))
  (func (export "dives") (param "depth" u32) (result u32) (canon lift (core func $i "dives"))))
