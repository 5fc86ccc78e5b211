;; Counts what is destroyed elsewhere.
(component
  (core module $main
    (global $count (mut i32) (i32.const 0))
    (func (export "destroyed") (param i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1))))
    (func (export "count") (result i32)
      (global.get $count)))
  (core instance $main (instantiate $main))
  (func (export "destroyed") (param "thing" u32) (canon lift (core func $main "destroyed")))
  (func (export "count") (result u32) (canon lift (core func $main "count"))))
