;; Has another component make a thing, and lends it back.
(component
  (import "thing" (type $thing (sub resource)))
  (import "[method]thing.add" (func $add
    (param "self" (borrow $thing)) (param "by" u64) (result u64)))
  (import "make" (func $make (param "n" u32) (result (own $thing))))
  (import "peek" (func $peek (param "thing" (borrow $thing)) (result u32)))
  (core func $add (canon lower (func $add)))
  (core func $make (canon lower (func $make)))
  (core func $peek (canon lower (func $peek)))
  (core func $drop (canon resource.drop $thing))
  (core module $code
    (import "" "add" (func $add (param i32 i64) (result i64)))
    (import "" "make" (func $make (param i32) (result i32)))
    (import "" "peek" (func $peek (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "relay") (param $n i32) (result i64)
      (local $thing i32) (local $value i64)
      (local.set $thing (call $make (local.get $n)))
      (drop (call $peek (local.get $thing)))
      (local.set $value (call $add (local.get $thing) (i64.const 10)))
      (call $drop (local.get $thing))
      (local.get $value)))
  (core instance $code (instantiate $code
    (with "" (instance
      (export "add" (func $add))
      (export "make" (func $make))
      (export "peek" (func $peek))
      (export "drop" (func $drop))))))
  (func (export "relay") (param "n" u32) (result u64) (canon lift (core func $code "relay"))))
