;; Uses a resource of its embedder in every way: makes one, calls it, passes it
;; there and back, and drops it.
(component
  (import "test:host/things@0.1.0" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (param "n" u32) (result (own $thing))))
    (export "[method]thing.add" (func
      (param "self" (borrow $thing)) (param "by" u32) (result u32)))
    (export "pass" (func (param "thing" (own $thing)) (result (option (own $thing)))))))
  (alias export $things "thing" (type $thing))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $new (canon lower (func $things "[constructor]thing")))
  (core func $add (canon lower (func $things "[method]thing.add")))
  (core func $pass (canon lower (func $things "pass") (memory (core memory $memory "memory"))))
  (core func $drop (canon resource.drop $thing))
  (core module $code
    (import "memory" "memory" (memory 1))
    (import "host" "new" (func $new (param i32) (result i32)))
    (import "host" "add" (func $add (param i32 i32) (result i32)))
    (import "host" "pass" (func $pass (param i32 i32)))
    (import "host" "drop" (func $drop (param i32)))
    ;; A thing of `n`, one added to it, passed on, two added to what came back.
    (func (export "run") (param $n i32) (result i32)
      (local $thing i32) (local $sum i32)
      (local.set $thing (call $new (local.get $n)))
      (drop (call $add (local.get $thing) (i32.const 1)))
      (call $pass (local.get $thing) (i32.const 16))
      (if (i32.eqz (i32.load8_u (i32.const 16))) (then (return (i32.const 0))))
      (local.set $thing (i32.load (i32.const 20)))
      (local.set $sum (call $add (local.get $thing) (i32.const 2)))
      (call $drop (local.get $thing))
      (local.get $sum))
    ;; As many things as told, none of them dropped.
    (func (export "keep") (param $n i32)
      (block $done
        (loop $more
          (br_if $done (i32.eqz (local.get $n)))
          (drop (call $new (local.get $n)))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $more)))))
  (core instance $host
    (export "new" (func $new))
    (export "add" (func $add))
    (export "pass" (func $pass))
    (export "drop" (func $drop)))
  (core instance $code (instantiate $code
    (with "memory" (instance $memory))
    (with "host" (instance $host))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $code "run")))
  (func (export "keep") (param "n" u32) (canon lift (core func $code "keep"))))
