;; Things of one component pass through a second one to a third, as own and as borrow, and
;; come to their end where they were made.
(component
  (component $Maker
    (core module $d
      (global $live (mut i32) (i32.const 0))
      (func (export "dtor") (param i32) (global.set $live (i32.sub (global.get $live) (i32.const 1))))
      (func (export "born") (global.set $live (i32.add (global.get $live) (i32.const 1))))
      (func (export "live") (result i32) (global.get $live)))
    (core instance $d (instantiate $d))
    (type $thing (resource (rep i32) (dtor (core func $d "dtor"))))
    (core func $new (canon resource.new $thing))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (import "" "born" (func $born))
      (func (export "make") (param i32) (result i32)
        (call $born)
        (call $new (local.get 0)))
      (func (export "number") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "" (instance
      (export "new" (func $new)) (export "born" (func $d "born"))))))
    (func $make (param "n" u32) (result (own $thing)) (canon lift (core func $i "make")))
    (func $number (param "thing" (borrow $thing)) (result u32) (canon lift (core func $i "number")))
    (func $live (result u32) (canon lift (core func $d "live")))
    (instance $things
      (export "thing" (type $thing))
      (export "make" (func $make))
      (export "number" (func $number))
      (export "live" (func $live)))
    (export "test:resources/things" (instance $things)))
  (component $Between
    (import "test:resources/things" (instance $things
      (export "thing" (type $thing (sub resource)))
      (export "make" (func (param "n" u32) (result (own $thing))))
      (export "number" (func (param "thing" (borrow $thing)) (result u32)))))
    (alias export $things "thing" (type $thing))
    (core func $make (canon lower (func $things "make")))
    (core func $number (canon lower (func $things "number")))
    (core func $drop (canon resource.drop $thing))
    (core module $m
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "number" (func $number (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "make-larger") (param i32) (result i32)
        (call $make (i32.mul (local.get 0) (i32.const 10))))
      ;; What was lent is given back before this returns.
      (func (export "twice") (param i32) (result i32)
        (i32.add (call $number (local.get 0)) (call $number (local.get 0)))
        (call $drop (local.get 0)))
      (func (export "take") (param i32) (result i32)
        (call $number (local.get 0))
        (call $drop (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance
      (export "make" (func $make)) (export "number" (func $number)) (export "drop" (func $drop))))))
    (func $make-larger (param "n" u32) (result (own $thing)) (canon lift (core func $i "make-larger")))
    (func $twice (param "thing" (borrow $thing)) (result u32) (canon lift (core func $i "twice")))
    (func $take (param "thing" (own $thing)) (result u32) (canon lift (core func $i "take")))
    (instance $between
      (export "thing" (type $thing))
      (export "make-larger" (func $make-larger))
      (export "twice" (func $twice))
      (export "take" (func $take)))
    (export "test:resources/between" (instance $between)))
  (component $User
    (import "test:resources/things" (instance $things
      (export "thing" (type $thing (sub resource)))
      (export "live" (func (result u32)))))
    (alias export $things "thing" (type $thing))
    (import "test:resources/between" (instance $between
      (alias outer 1 $thing (type $thing'))
      (export "thing" (type $thing (eq $thing')))
      (export "make-larger" (func (param "n" u32) (result (own $thing))))
      (export "twice" (func (param "thing" (borrow $thing)) (result u32)))
      (export "take" (func (param "thing" (own $thing)) (result u32)))))
    (core func $live (canon lower (func $things "live")))
    (core func $make (canon lower (func $between "make-larger")))
    (core func $twice (canon lower (func $between "twice")))
    (core func $take (canon lower (func $between "take")))
    (core func $drop (canon resource.drop $thing))
    (core module $m
      (import "" "live" (func $live (result i32)))
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "twice" (func $twice (param i32) (result i32)))
      (import "" "take" (func $take (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32)))
      ;; Digits: how many live with two things, and after each is gone.
      (func (export "lives") (result i32) (local $one i32) (local $two i32) (local $sum i32)
        (local.set $one (call $make (i32.const 1)))
        (local.set $two (call $make (i32.const 2)))
        (local.set $sum (call $live))
        (drop (call $take (local.get $one)))
        (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 10)) (call $live)))
        (call $drop (local.get $two))
        (i32.add (i32.mul (local.get $sum) (i32.const 10)) (call $live)))
      (func (export "numbers") (result i32) (local $thing i32)
        (local.set $thing (call $make (i32.const 3)))
        (i32.add (call $twice (local.get $thing)) (call $take (local.get $thing)))))
    (core instance $i (instantiate $m (with "" (instance
      (export "live" (func $live)) (export "make" (func $make)) (export "twice" (func $twice))
      (export "take" (func $take)) (export "drop" (func $drop))))))
    (func (export "lives") (result u32) (canon lift (core func $i "lives")))
    (func (export "numbers") (result u32) (canon lift (core func $i "numbers"))))
  (instance $maker (instantiate $Maker))
  (instance $between (instantiate $Between
    (with "test:resources/things" (instance $maker "test:resources/things"))))
  (instance $user (instantiate $User
    (with "test:resources/things" (instance $maker "test:resources/things"))
    (with "test:resources/between" (instance $between "test:resources/between"))))
  (func (export "lives") (alias export $user "lives"))
  (func (export "numbers") (alias export $user "numbers")))
(assert_return (invoke "lives") (u32.const 210))
(assert_return (invoke "numbers") (u32.const 90))
(assert_return (invoke "lives") (u32.const 210))
