;; The last link of a chain: says that it runs, and answers.
(component
  (import "here" (func $here))
  (core func $here' (canon lower (func $here)))
  (core module $main
    (import "" "here" (func $here))
    (func (export "go") (result i32)
      (call $here)
      (i32.const 1)))
  (core instance $main (instantiate $main
    (with "" (instance (export "here" (func $here'))))))
  (func $go (result u32) (canon lift (core func $main "go")))
  (func $go-async async (result u32) (canon lift (core func $main "go")))
  (instance $link
    (export "go" (func $go))
    (export "go-async" (func $go-async)))
  (export "test:chain/link@0.1.0" (instance $link)))
