;; A stream goes to another component, which closes it.
(component
  (component $Sink
    (type $bytes (stream u8))
    (core func $drop (canon stream.drop-readable $bytes))
    (core module $m
      (import "" "drop" (func $drop (param i32)))
      (func (export "close") (param i32) (result i32)
        (call $drop (local.get 0))
        (i32.const 1)))
    (core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop))))))
    (func (export "close") (param "bytes" (stream u8)) (result u32)
      (canon lift (core func $i "close"))))
  (component $Source
    (import "close" (func $close (param "bytes" (stream u8)) (result u32)))
    (type $bytes (stream u8))
    (core func $new (canon stream.new $bytes))
    (core func $drop (canon stream.drop-writable $bytes))
    (core func $close (canon lower (func $close)))
    (core module $m
      (import "" "new" (func $new (result i64)))
      (import "" "drop" (func $drop (param i32)))
      (import "" "close" (func $close (param i32) (result i32)))
      ;; The end to write to stands in the upper half.
      (func (export "run") (result i32) (local $ends i64)
        (local.set $ends (call $new))
        (call $close (i32.wrap_i64 (local.get $ends)))
        (call $drop (i32.wrap_i64 (i64.shr_u (local.get $ends) (i64.const 32))))))
    (core instance $i (instantiate $m (with "" (instance
      (export "new" (func $new)) (export "drop" (func $drop)) (export "close" (func $close))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))
  (instance $sink (instantiate $Sink))
  (instance $source (instantiate $Source (with "close" (func $sink "close"))))
  (func (export "run") (alias export $source "run")))
(assert_return (invoke "run") (u32.const 1))
