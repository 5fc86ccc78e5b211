;; A link of a chain: says that it runs, and passes the call on to the next.
(component
  (import "here" (func $here))
  (import "test:chain/link@0.1.0" (instance $next
    (export "go" (func (result u32)))
    (export "go-async" (func async (result u32)))))
  (core func $here' (canon lower (func $here)))
  (core func $go (canon lower (func $next "go")))
  (core func $go-async (canon lower (func $next "go-async")))
  (core module $main
    (import "" "here" (func $here))
    (import "" "go" (func $go (result i32)))
    (import "" "go-async" (func $go-async (result i32)))
    (func (export "go") (result i32)
      (call $here)
      (i32.add (call $go) (i32.const 1)))
    (func (export "go-async") (result i32)
      (call $here)
      (i32.add (call $go-async) (i32.const 1)))
    ;; Calls the next as often as it is told.
    (func (export "repeat") (param $times i32) (result i32)
      (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (call $go)))
        (local.set $times (i32.sub (local.get $times) (i32.const 1)))
        (br_if $again (local.get $times)))
      (local.get $sum)))
  (core instance $main (instantiate $main
    (with "" (instance
      (export "here" (func $here'))
      (export "go" (func $go))
      (export "go-async" (func $go-async))))))
  (func $go' (result u32) (canon lift (core func $main "go")))
  (func $go-async' async (result u32) (canon lift (core func $main "go-async")))
  (instance $link
    (export "go" (func $go'))
    (export "go-async" (func $go-async')))
  (export "test:chain/link@0.1.0" (instance $link))
  (func (export "repeat") (param "times" u32) (result u32)
    (canon lift (core func $main "repeat"))))
