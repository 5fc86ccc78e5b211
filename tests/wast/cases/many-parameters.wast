;; More parameters and results than fit into registers go through memory.
(component
  (component $Sum
    (core module $m
      (memory (export "memory") 1)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 256))
      ;; The sum, and the first and the last parameter.
      (func (export "sum") (param $at i32) (result i32) (local $n i32) (local $sum i64)
        (loop $next
          (local.set $sum (i64.add (local.get $sum)
            (i64.load (i32.add (local.get $at) (i32.mul (local.get $n) (i32.const 8))))))
          (br_if $next (i32.lt_u
            (local.tee $n (i32.add (local.get $n) (i32.const 1)))
            (i32.const 17))))
        (i64.store (i32.const 0) (local.get $sum))
        (i64.store (i32.const 8) (i64.load (local.get $at)))
        (i64.store (i32.const 16) (i64.load offset=128 (local.get $at)))
        (i32.const 0)))
    (core instance $i (instantiate $m))
    (func (export "sum")
      (param "a" u64) (param "b" u64) (param "c" u64) (param "d" u64) (param "e" u64)
      (param "f" u64) (param "g" u64) (param "h" u64) (param "i" u64) (param "j" u64)
      (param "k" u64) (param "l" u64) (param "m" u64) (param "n" u64) (param "o" u64)
      (param "p" u64) (param "q" u64)
      (result (tuple u64 u64 u64))
      (canon lift (core func $i "sum") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
  (component $User
    (import "sum" (func $sum
      (param "a" u64) (param "b" u64) (param "c" u64) (param "d" u64) (param "e" u64)
      (param "f" u64) (param "g" u64) (param "h" u64) (param "i" u64) (param "j" u64)
      (param "k" u64) (param "l" u64) (param "m" u64) (param "n" u64) (param "o" u64)
      (param "p" u64) (param "q" u64)
      (result (tuple u64 u64 u64))))
    (core module $libc
      (memory (export "memory") 1))
    (core instance $libc (instantiate $libc))
    (core func $sum (canon lower (func $sum) (memory (core memory $libc "memory"))))
    (core module $m
      (import "" "memory" (memory 1))
      (import "" "sum" (func $sum (param i32 i32)))
      ;; Sums up the squares of all numbers below 16, and `last`.
      (func (export "run") (param $last i64) (result i32) (local $n i32)
        (loop $next
          (i64.store
            (i32.mul (local.get $n) (i32.const 8))
            (i64.extend_i32_u (i32.mul (local.get $n) (local.get $n))))
          (br_if $next (i32.lt_u
            (local.tee $n (i32.add (local.get $n) (i32.const 1)))
            (i32.const 16))))
        (i64.store (i32.const 128) (local.get $last))
        (call $sum (i32.const 0) (i32.const 512))
        (i32.const 512)))
    (core instance $i (instantiate $m (with "" (instance
      (export "memory" (memory $libc "memory")) (export "sum" (func $sum))))))
    (func (export "run") (param "last" u64) (result (tuple u64 u64 u64))
      (canon lift (core func $i "run") (memory (core memory $libc "memory")))))
  (instance $sum (instantiate $Sum))
  (instance $user (instantiate $User (with "sum" (func $sum "sum"))))
  (func (export "run") (alias export $user "run")))
(assert_return (invoke "run" (u64.const 1000))
  (tuple.const (u64.const 2240) (u64.const 0) (u64.const 1000)))
