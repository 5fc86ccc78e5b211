;; A link of a chain: passes the call on.
(component
  (import "go" (func $go (result u32)))
  (core func $go' (canon lower (func $go)))
  (core module $m
    (import "" "go" (func $go (result i32)))
    (func (export "go") (result i32) (i32.add (call $go) (i32.const 1))))
  (core instance $i (instantiate $m (with "" (instance (export "go" (func $go'))))))
  (func (export "go") (result u32) (canon lift (core func $i "go"))))
