;; Calls an `async func` as often as it is told, one call after the other.
(component
  (import "test:values/echo-async@0.1.0" (instance $echo
    (export "echo-string" (func async (param "v" string) (result string)))))
  (core module $memory
    (memory (export "memory") 1)
    (global $free (export "free") (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (global.get $free)
      (global.set $free (i32.add (global.get $free) (local.get $size)))))
  (core instance $memory (instantiate $memory))
  (alias export $echo "echo-string" (func $string))
  (core func $string' (canon lower (func $string)
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core module $m
    (import "memory" "memory" (memory 1))
    (import "memory" "free" (global $free (mut i32)))
    (import "" "string" (func $string (param i32 i32 i32)))
    (data (i32.const 64) "thirty-two bytes of text, no less")
    (func (export "texts") (param $size i32) (param $times i32) (result i32)
      (loop $again
        (global.set $free (i32.const 1024))
        (call $string (i32.const 64) (local.get $size) (i32.const 8))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (i32.load (i32.const 12))))
  (core instance $i (instantiate $m
    (with "memory" (instance $memory))
    (with "" (instance (export "string" (func $string'))))))
  (func (export "texts") async (param "size" u32) (param "times" u32) (result u32)
    (canon lift (core func $i "texts"))))
