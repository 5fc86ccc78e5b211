;; Gives `wide` the letters from a to i and returns what it says of them, plus
;; the last one.
(component
  (import "wide" (func $wide (param "p0" string) (param "p1" string) (param "p2" string) (param "p3" string) (param "p4" string) (param "p5" string) (param "p6" string) (param "p7" string) (param "p8" string) (result (tuple u32 string))))
  (core module $memory
    (memory (export "memory") 1)
    (data (i32.const 200) "abcdefghi")
    (data (i32.const 256) "\c8\00\00\00\01\00\00\00\c9\00\00\00\01\00\00\00\ca\00\00\00\01\00\00\00\cb\00\00\00\01\00\00\00\cc\00\00\00\01\00\00\00\cd\00\00\00\01\00\00\00\ce\00\00\00\01\00\00\00\cf\00\00\00\01\00\00\00\d0\00\00\00\01\00\00\00")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (i32.const 1024)))
  (core instance $memory (instantiate $memory))
  (core func $wide' (canon lower (func $wide)
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core module $main
    (import "memory" "memory" (memory 1))
    (import "wide" "wide" (func $wide (param i32 i32)))
    (func (export "widen") (result i32)
      (call $wide (i32.const 256) (i32.const 16))
      (i32.add (i32.load (i32.const 16)) (i32.load8_u (i32.load (i32.const 20))))))
  (core instance $main (instantiate $main
    (with "memory" (instance $memory))
    (with "wide" (instance (export "wide" (func $wide'))))))
  (func (export "widen") (result u32)
    (canon lift (core func $main "widen"))))
