;; Passes the relay's functions on to the next relay.
(component
  (import "test:resources/counters@0.1.0" (instance $counters
    (export "counter" (type (sub resource)))))
  (alias export $counters "counter" (type $counter))
  (import "test:resources/relay@0.1.0" (instance $next
    (alias outer 1 $counter (type $outer))
    (export "counter" (type $c (eq $outer)))
    (export "pass-own" (func (param "c" (own $c)) (result (own $c))))
    (export "pass-borrow" (func (param "c" (borrow $c)) (result u32)))
    (export "make" (func (param "n" u32) (result (own $c))))))
  (core func $pass-own (canon lower (func $next "pass-own")))
  (core func $pass-borrow (canon lower (func $next "pass-borrow")))
  (core func $make (canon lower (func $next "make")))
  (core func $drop (canon resource.drop $counter))

  (core module $main
    (import "next" "pass-own" (func $pass-own (param i32) (result i32)))
    (import "next" "pass-borrow" (func $pass-borrow (param i32) (result i32)))
    (import "next" "make" (func $make (param i32) (result i32)))
    (import "next" "drop" (func $drop (param i32)))
    (func (export "pass-own") (param i32) (result i32)
      (call $pass-own (local.get 0)))
    (func (export "pass-borrow") (param i32) (result i32)
      (call $pass-borrow (local.get 0))
      (call $drop (local.get 0)))
    (func (export "make") (param i32) (result i32)
      (call $make (local.get 0))))
  (core instance $main (instantiate $main
    (with "next" (instance
      (export "pass-own" (func $pass-own))
      (export "pass-borrow" (func $pass-borrow))
      (export "make" (func $make))
      (export "drop" (func $drop))))))

  (func $pass-own' (param "c" (own $counter)) (result (own $counter))
    (canon lift (core func $main "pass-own")))
  (func $pass-borrow' (param "c" (borrow $counter)) (result u32)
    (canon lift (core func $main "pass-borrow")))
  (func $make' (param "n" u32) (result (own $counter))
    (canon lift (core func $main "make")))
  (instance $relay
    (export "counter" (type $counter))
    (export "pass-own" (func $pass-own'))
    (export "pass-borrow" (func $pass-borrow'))
    (export "make" (func $make')))
  (export "test:resources/relay@0.1.0" (instance $relay)))
