;; Calls `add` as often as it is told.
(component
  (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
  (core func $add' (canon lower (func $add)))
  (core module $m
    (import "" "add" (func $add (param i32 i32) (result i32)))
    (func (export "adds") (param $size i32) (param $times i32) (result i32)
      (local $sum i32)
      (loop $again
        (local.set $sum (call $add (local.get $sum) (local.get $size)))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (local.get $sum)))
  (core instance $i (instantiate $m (with "" (instance (export "add" (func $add'))))))
  (func (export "adds") (param "size" u32) (param "times" u32) (result u32)
    (canon lift (core func $i "adds"))))
