;; A component that exports what it imports: who gets it from there gets the same.
(component
  (component $Origin
    (core module $m
      (global $n (mut i32) (i32.const 0))
      (func (export "next") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1)))
        (global.get $n)))
    (core instance $i (instantiate $m))
    (func $next (result u32) (canon lift (core func $i "next")))
    (instance $counter (export "next" (func $next)))
    (export "test:re-export/counter" (instance $counter)))
  (component $Between
    (import "test:re-export/counter" (instance $counter (export "next" (func (result u32)))))
    (export "test:re-export/again" (instance $counter)))
  (component $User
    (import "a" (instance $a (export "next" (func (result u32)))))
    (import "b" (instance $b (export "next" (func (result u32)))))
    (core func $a (canon lower (func $a "next")))
    (core func $b (canon lower (func $b "next")))
    (core module $m
      (import "" "a" (func $a (result i32)))
      (import "" "b" (func $b (result i32)))
      (func (export "run") (result i32) (i32.add (i32.mul (call $a) (i32.const 10)) (call $b))))
    (core instance $i (instantiate $m (with "" (instance (export "a" (func $a)) (export "b" (func $b))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $origin (instantiate $Origin))
  (instance $between (instantiate $Between
    (with "test:re-export/counter" (instance $origin "test:re-export/counter"))))
  (instance $user (instantiate $User
    (with "a" (instance $origin "test:re-export/counter"))
    (with "b" (instance $between "test:re-export/again"))))
  (func (export "run") (alias export $user "run")))
(assert_return (invoke "run") (u32.const 12))
(assert_return (invoke "run") (u32.const 34))
