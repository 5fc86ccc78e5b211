;; The head of a chain: calls the next as often as it is told.
(component
  (import "go" (func $go (result u32)))
  (core func $go' (canon lower (func $go)))
  (core module $m
    (import "" "go" (func $go (result i32)))
    (func (export "repeat") (param $size i32) (param $times i32) (result i32)
      (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (call $go)))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (local.get $sum)))
  (core instance $i (instantiate $m (with "" (instance (export "go" (func $go'))))))
  (func (export "repeat") (param "size" u32) (param "times" u32) (result u32)
    (canon lift (core func $i "repeat"))))
