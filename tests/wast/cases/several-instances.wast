;; Two instances of one component have a state each, and their user tells them apart.
(component
  (component $Counter
    (core module $m
      (global $n (mut i32) (i32.const 0))
      (func (export "next") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1)))
        (global.get $n)))
    (core instance $i (instantiate $m))
    (func (export "next") (result u32) (canon lift (core func $i "next"))))
  (component $User
    (import "left" (func $left (result u32)))
    (import "right" (func $right (result u32)))
    (core func $left (canon lower (func $left)))
    (core func $right (canon lower (func $right)))
    (core module $m
      (import "" "left" (func $left (result i32)))
      (import "" "right" (func $right (result i32)))
      (func (export "run") (result i32)
        (drop (call $left))
        (drop (call $left))
        (i32.add (i32.mul (call $left) (i32.const 10)) (call $right))))
    (core instance $i (instantiate $m (with "" (instance
      (export "left" (func $left)) (export "right" (func $right))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $one (instantiate $Counter))
  (instance $two (instantiate $Counter))
  (instance $user (instantiate $User (with "left" (func $one "next")) (with "right" (func $two "next"))))
  (func (export "run") (alias export $user "run"))
  (func (export "one") (alias export $one "next"))
  (func (export "two") (alias export $two "next")))
(assert_return (invoke "run") (u32.const 31))
(assert_return (invoke "one") (u32.const 4))
(assert_return (invoke "two") (u32.const 2))
(assert_return (invoke "run") (u32.const 73))
