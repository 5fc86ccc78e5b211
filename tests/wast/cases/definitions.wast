;; A component that is defined once and instantiated twice, under two names.
(component definition $Pair
  (component $Counter
    (core module $m
      (global $n (mut i32) (i32.const 0))
      (func (export "next") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1)))
        (global.get $n)))
    (core instance $i (instantiate $m))
    (func (export "next") (result u32) (canon lift (core func $i "next"))))
  (component $User
    (import "next" (func $next (result u32)))
    (core func $next (canon lower (func $next)))
    (core module $m
      (import "" "next" (func $next (result i32)))
      (func (export "run") (result i32) (call $next)))
    (core instance $i (instantiate $m (with "" (instance (export "next" (func $next))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $counter (instantiate $Counter))
  (instance $user (instantiate $User (with "next" (func $counter "next"))))
  (func (export "run") (alias export $user "run")))
(component instance $one $Pair)
(component instance $two $Pair)
(assert_return (invoke $one "run") (u32.const 1))
(assert_return (invoke $one "run") (u32.const 2))
(assert_return (invoke $two "run") (u32.const 1))
(assert_return (invoke "run") (u32.const 2))
