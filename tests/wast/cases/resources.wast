;; A component makes things that another one owns, lends, gives back and drops. The
;; destructors run in the order of the drops.
(component
  (component $Maker
    (core module $d
      ;; The numbers of the things that are gone, as digits.
      (global $gone (mut i32) (i32.const 0))
      (func (export "dtor") (param i32)
        (global.set $gone (i32.add (i32.mul (global.get $gone) (i32.const 10)) (local.get 0))))
      (func (export "gone") (result i32) (global.get $gone)))
    (core instance $d (instantiate $d))
    (type $thing' (resource (rep i32) (dtor (core func $d "dtor"))))
    (core func $new (canon resource.new $thing'))
    (core func $rep (canon resource.rep $thing'))
    (core func $drop (canon resource.drop $thing'))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "rep" (func $rep (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      ;; What a method gets of a thing of its own component is the number itself.
      (func (export "number") (param i32) (result i32) (local.get 0))
      (func (export "take") (param i32) (result i32)
        (call $rep (local.get 0))
        (call $drop (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance
      (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
    (export $thing "thing" (type $thing'))
    (func (export "[constructor]thing") (param "n" u32) (result (own $thing))
      (canon lift (core func $i "make")))
    (func (export "[method]thing.number") (param "self" (borrow $thing)) (result u32)
      (canon lift (core func $i "number")))
    (func (export "[static]thing.take") (param "thing" (own $thing)) (result u32)
      (canon lift (core func $i "take")))
    (func (export "gone") (result u32) (canon lift (core func $d "gone"))))
  (component $User
    (import "maker" (instance $maker
      (export "thing" (type $thing (sub resource)))
      (export "[constructor]thing" (func (param "n" u32) (result (own $thing))))
      (export "[method]thing.number" (func (param "self" (borrow $thing)) (result u32)))
      (export "[static]thing.take" (func (param "thing" (own $thing)) (result u32)))
      (export "gone" (func (result u32)))))
    (alias export $maker "thing" (type $thing))
    (core func $make (canon lower (func $maker "[constructor]thing")))
    (core func $number (canon lower (func $maker "[method]thing.number")))
    (core func $take (canon lower (func $maker "[static]thing.take")))
    (core func $gone (canon lower (func $maker "gone")))
    (core func $drop (canon resource.drop $thing))
    (core module $m
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "number" (func $number (param i32) (result i32)))
      (import "" "take" (func $take (param i32) (result i32)))
      (import "" "gone" (func $gone (result i32)))
      (import "" "drop" (func $drop (param i32)))
      ;; Makes 1, 2 and 3, and drops 2, 3 and 1.
      (func (export "drops") (result i32)
        (local $one i32) (local $two i32) (local $three i32)
        (local.set $one (call $make (i32.const 1)))
        (local.set $two (call $make (i32.const 2)))
        (local.set $three (call $make (i32.const 3)))
        (call $drop (local.get $two))
        (call $drop (local.get $three))
        (call $drop (local.get $one))
        (call $gone))
      ;; Lends a thing twice, and gives it back then.
      (func (export "lends") (result i32) (local $thing i32)
        (local.set $thing (call $make (i32.const 20)))
        (i32.add
          (i32.add (call $number (local.get $thing)) (call $number (local.get $thing)))
          (call $take (local.get $thing))))
      ;; There is no such thing any more.
      (func (export "twice") (local $thing i32)
        (local.set $thing (call $make (i32.const 4)))
        (drop (call $take (local.get $thing)))
        (drop (call $take (local.get $thing)))))
    (core instance $i (instantiate $m (with "" (instance
      (export "make" (func $make)) (export "number" (func $number)) (export "take" (func $take))
      (export "gone" (func $gone)) (export "drop" (func $drop))))))
    (func (export "drops") (result u32) (canon lift (core func $i "drops")))
    (func (export "lends") (result u32) (canon lift (core func $i "lends")))
    (func (export "twice") (canon lift (core func $i "twice"))))
  (instance $maker (instantiate $Maker))
  (instance $user (instantiate $User (with "maker" (instance $maker))))
  (func (export "drops") (alias export $user "drops"))
  (func (export "lends") (alias export $user "lends"))
  (func (export "twice") (alias export $user "twice")))
(assert_return (invoke "drops") (u32.const 231))
(assert_return (invoke "lends") (u32.const 60))
(assert_trap (invoke "twice") "unknown handle index")
