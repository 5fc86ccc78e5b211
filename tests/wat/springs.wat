;; Makes streams and futures, and drops them only if it is told to.
(component
  (type $stream (stream u8))
  (type $future (future u8))
  (core func $stream (canon stream.new $stream))
  (core func $future (canon future.new $future))
  (core func $drop-in (canon stream.drop-writable $stream))
  (core func $drop-out (canon stream.drop-readable $stream))
  (core module $m
    (import "" "stream" (func $stream (result i64)))
    (import "" "future" (func $future (result i64)))
    (import "" "drop-in" (func $drop-in (param i32)))
    (import "" "drop-out" (func $drop-out (param i32)))
    (func (export "streams") (param $n i32)
      (loop $next
        (drop (call $stream))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (func (export "futures") (param $n i32)
      (loop $next
        (drop (call $future))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    ;; The end to write to stands in the upper half.
    (func (export "passing") (param $n i32) (local $ends i64)
      (loop $next
        (local.set $ends (call $stream))
        (call $drop-in (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))
        (call $drop-out (i32.wrap_i64 (local.get $ends)))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
  (core instance $i (instantiate $m (with "" (instance
    (export "stream" (func $stream))
    (export "future" (func $future))
    (export "drop-in" (func $drop-in))
    (export "drop-out" (func $drop-out))))))
  (func (export "streams") (param "n" u32) (canon lift (core func $i "streams")))
  (func (export "futures") (param "n" u32) (canon lift (core func $i "futures")))
  (func (export "passing") (param "n" u32) (canon lift (core func $i "passing"))))
