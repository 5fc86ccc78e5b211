;; Calls each function of its imports as often as it is told, with a value of its
;; own making, and looks at what came back last. It does what the guest `wasi-pump`
;; does, without WASI; `tests/wat/pump.wat` needs more memory than some limits allow.
(component
  (import "add" (func $add (param "a" u32) (param "b" u32) (result u32)))
  (import "test:values/echo@0.1.0" (instance $echo
    (type $inner (record (field "id" u64) (field "label" string)))
    (export "inner" (type $inner' (eq $inner)))
    (type $outer (record
      (field "name" string) (field "count" u32) (field "ratio" f64)
      (field "tags" (list string)) (field "inner" $inner')))
    (export "outer" (type $outer' (eq $outer)))
    (export "echo-string" (func (param "v" string) (result string)))
    (export "echo-bytes" (func (param "v" (list u8)) (result (list u8))))
    (export "echo-records" (func (param "v" (list $outer')) (result (list $outer'))))))
  (core module $memory
    ;; 4 MiB: values from 64 KiB on, and what comes back from 2 MiB on.
    (memory (export "memory") 64)
    (global $free (export "free") (mut i32) (i32.const 0))
    (func (export "realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $free (i32.add (local.get $at) (local.get $size)))
      (local.get $at)))
  (core instance $memory (instantiate $memory))
  (alias export $echo "echo-string" (func $string))
  (alias export $echo "echo-bytes" (func $bytes))
  (alias export $echo "echo-records" (func $records))
  (core func $add' (canon lower (func $add)))
  (core func $string' (canon lower (func $string)
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $bytes' (canon lower (func $bytes)
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $records' (canon lower (func $records)
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core module $main
    (import "memory" "memory" (memory 64))
    (import "memory" "free" (global $free (mut i32)))
    (import "echo" "add" (func $add (param i32 i32) (result i32)))
    (import "echo" "string" (func $string (param i32 i32 i32)))
    (import "echo" "bytes" (func $bytes (param i32 i32 i32)))
    (import "echo" "records" (func $records (param i32 i32 i32)))
    (data (i32.const 64) "thirty-two bytes of text, no less")
    ;; Two strings.
    (data (i32.const 128) "\40\00\00\00\06\00\00\00\47\00\00\00\03\00\00\00")
    (func $reset
      (global.set $free (i32.const 0x200000)))
    ;; Traps unless what came back has the length of what was sent, and its ends.
    (func $check (param $sent i32) (param $size i32) (result i32)
      (local $at i32)
      (local $last i32)
      (local.set $at (i32.load (i32.const 8)))
      (local.set $last (i32.sub (local.get $size) (i32.const 1)))
      (if (i32.ne (i32.load (i32.const 12)) (local.get $size)) (then unreachable))
      (if (i32.ne (i32.load8_u (local.get $at)) (i32.load8_u (local.get $sent)))
        (then unreachable))
      (if (i32.ne
          (i32.load8_u (i32.add (local.get $at) (local.get $last)))
          (i32.load8_u (i32.add (local.get $sent) (local.get $last))))
        (then unreachable))
      (local.get $size))
    (func (export "adds") (param $size i32) (param $times i32) (result i32)
      (local $sum i32)
      (loop $next
        (local.set $sum (call $add (local.get $sum) (local.get $size)))
        (br_if $next (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (local.get $sum))
    (func (export "texts") (param $size i32) (param $times i32) (result i32)
      (loop $next
        (call $reset)
        (call $string (i32.const 64) (local.get $size) (i32.const 8))
        (br_if $next (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (call $check (i32.const 64) (local.get $size)))
    (func (export "bytes") (param $size i32) (param $times i32) (result i32)
      ;; Memory that nobody has written to is no memory yet.
      (if (i32.eqz (i32.load8_u (i32.add (i32.const 0xffff) (local.get $size))))
        (then (memory.fill (i32.const 0x10000) (i32.const 7) (local.get $size))))
      (loop $next
        (call $reset)
        (call $bytes (i32.const 0x10000) (local.get $size) (i32.const 8))
        (br_if $next (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (call $check (i32.const 0x10000) (local.get $size)))
    (func (export "records") (param $size i32) (param $times i32) (result i32)
      (local $i i32)
      (local $at i32)
      (local.set $at (i32.const 0x10000))
      (loop $fill
        (i32.store (local.get $at) (i32.const 64))
        (i32.store offset=4 (local.get $at) (i32.const 10))
        (i32.store offset=8 (local.get $at) (local.get $i))
        (f64.store offset=16 (local.get $at) (f64.const 0.5))
        (i32.store offset=24 (local.get $at) (i32.const 128))
        (i32.store offset=28 (local.get $at) (i32.const 2))
        (i64.store offset=32 (local.get $at) (i64.const 7))
        (i32.store offset=40 (local.get $at) (i32.const 71))
        (i32.store offset=44 (local.get $at) (i32.const 9))
        (local.set $at (i32.add (local.get $at) (i32.const 48)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $fill (i32.lt_u (local.get $i) (local.get $size))))
      (loop $next
        (call $reset)
        (call $records (i32.const 0x10000) (local.get $size) (i32.const 8))
        (br_if $next (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      ;; The last one's count.
      (if (i32.ne
          (i32.load (i32.sub
            (i32.add
              (i32.load (i32.const 8))
              (i32.mul (i32.load (i32.const 12)) (i32.const 48)))
            (i32.const 40)))
          (i32.sub (local.get $size) (i32.const 1)))
        (then unreachable))
      (i32.load (i32.const 12))))
  (core instance $main (instantiate $main
    (with "memory" (instance $memory))
    (with "echo" (instance
      (export "add" (func $add'))
      (export "string" (func $string'))
      (export "bytes" (func $bytes'))
      (export "records" (func $records'))
    ))))
  (func (export "adds") (param "size" u32) (param "times" u32) (result u32)
    (canon lift (core func $main "adds")))
  (func (export "texts") (param "size" u32) (param "times" u32) (result u32)
    (canon lift (core func $main "texts")))
  (func (export "bytes") (param "size" u32) (param "times" u32) (result u32)
    (canon lift (core func $main "bytes")))
  (func (export "records") (param "size" u32) (param "times" u32) (result u32)
    (canon lift (core func $main "records"))))
