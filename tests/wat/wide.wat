;; Takes more strings than there are slots for, so they come in memory. Returns
;; the first letters of all of them, weighted, and the last of them.
(component
  (core module $m
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $free (i32.add (local.get $at) (local.get $size)))
      (local.get $at))
    (func (export "wide") (param $at i32) (result i32)
      (local $i i32)
      (local $sum i32)
      (loop $next
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $i)
          (i32.load8_u (i32.load (local.get $at))))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $i) (i32.const 9))))
      (i32.store (i32.const 16) (local.get $sum))
      (i32.store (i32.const 20) (i32.load (i32.sub (local.get $at) (i32.const 8))))
      (i32.store (i32.const 24) (i32.load (i32.sub (local.get $at) (i32.const 4))))
      (i32.const 16)))
  (core instance $i (instantiate $m))
  (func (export "wide") (param "p0" string) (param "p1" string) (param "p2" string) (param "p3" string) (param "p4" string) (param "p5" string) (param "p6" string) (param "p7" string) (param "p8" string) (result (tuple u32 string))
    (canon lift (core func $i "wide")
      (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
