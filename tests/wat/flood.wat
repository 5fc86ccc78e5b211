;; Sends and fetches as many bytes as it is told. A list and seven numbers take
;; nine slots, so what `take-wide` is given crosses one value at a time.
(component
  (import "take" (func $take (param "v" (list u8))))
  (import "take-wide" (func $take-wide
    (param "v" (list u8)) (param "a" u32) (param "b" u32) (param "c" u32)
    (param "d" u32) (param "e" u32) (param "f" u32) (param "g" u32)))
  (import "give" (func $give (param "n" u32) (result (list u8))))
  (core module $memory
    (memory (export "memory") 32)
    ;; It makes room for what it fetches and no more.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
  (core instance $memory (instantiate $memory))
  (core func $take' (canon lower (func $take) (memory (core memory $memory "memory"))))
  (core func $take-wide' (canon lower (func $take-wide)
    (memory (core memory $memory "memory"))))
  (core func $give' (canon lower (func $give)
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core module $main
    (import "" "take" (func $take (param i32 i32)))
    (import "" "take-wide" (func $take-wide (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "" "give" (func $give (param i32 i32)))
    (func (export "send") (param $n i32)
      (call $take (i32.const 64) (local.get $n)))
    (func (export "send-wide") (param $n i32)
      (call $take-wide (i32.const 64) (local.get $n)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0) (i32.const 0)))
    (func (export "fetch") (param $n i32)
      (call $give (local.get $n) (i32.const 8))))
  (core instance $main (instantiate $main (with "" (instance
    (export "take" (func $take'))
    (export "take-wide" (func $take-wide'))
    (export "give" (func $give'))))))
  (func (export "send") (param "n" u32) (canon lift (core func $main "send")))
  (func (export "send-wide") (param "n" u32) (canon lift (core func $main "send-wide")))
  (func (export "fetch") (param "n" u32) (canon lift (core func $main "fetch"))))
