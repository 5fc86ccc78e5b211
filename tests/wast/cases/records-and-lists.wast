;; A list of records and a variant go from one component to another, and come back changed.
;; All stand in interfaces.
(component
  (component $Shop
    (core module $m
      (memory (export "memory") 1)
      (global $next (mut i32) (i32.const 1024))
      (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (global.get $next))
        (global.set $next (i32.and
          (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7))
          (i32.const -8)))
        (local.get $at))
      ;; Each line is a number of 4 bytes and a price of 8, at 0 and 8. All prices are
      ;; doubled where they stand, and the list is given back.
      (func (export "double") (param $at i32) (param $length i32) (result i32)
        (local $n i32) (local $line i32)
        (block $done (loop $next
          (br_if $done (i32.eq (local.get $n) (local.get $length)))
          (local.set $line (i32.add (local.get $at) (i32.mul (local.get $n) (i32.const 16))))
          (f64.store offset=8 (local.get $line)
            (f64.mul (f64.load offset=8 (local.get $line)) (f64.const 2)))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br $next)))
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (local.get $length))
        (i32.const 0))
      ;; The case, and what would be in it: 0 has a number of 4 bytes, 1 one of 8 and 2
      ;; nothing. Each becomes the next.
      (func (export "turn") (param $case i32) (param $value i64) (result i32)
        (i32.store (i32.const 16) (i32.rem_u (i32.add (local.get $case) (i32.const 1)) (i32.const 3)))
        (i64.store (i32.const 24) (i64.add (local.get $value) (i64.const 1)))
        (i32.const 16)))
    (core instance $i (instantiate $m))
    (type $line' (record (field "count" u32) (field "price" f64)))
    (type $choice' (variant (case "small" u32) (case "large" u64) (case "none")))
    (func $double (param "lines" (list $line')) (result (list $line'))
      (canon lift (core func $i "double") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (func $turn (param "choice" $choice') (result $choice')
      (canon lift (core func $i "turn") (memory (core memory $i "memory"))))
    (instance $shop
      (export "line" (type $line'))
      (export "choice" (type $choice'))
      (export "double" (func $double))
      (export "turn" (func $turn)))
    (export "test:records/shop" (instance $shop)))
  (component $Till
    (import "test:records/shop" (instance $shop
      (type $line' (record (field "count" u32) (field "price" f64)))
      (export "line" (type $line (eq $line')))
      (type $choice' (variant (case "small" u32) (case "large" u64) (case "none")))
      (export "choice" (type $choice (eq $choice')))
      (export "double" (func (param "lines" (list $line)) (result (list $line))))
      (export "turn" (func (param "choice" $choice) (result $choice)))))
    (alias export $shop "line" (type $line'))
    (alias export $shop "choice" (type $choice'))
    (core module $libc
      (memory (export "memory") 1)
      (global $next (mut i32) (i32.const 1024))
      (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (global.get $next))
        (global.set $next (i32.and
          (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7))
          (i32.const -8)))
        (local.get $at)))
    (core instance $libc (instantiate $libc))
    (core func $double (canon lower (func $shop "double") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (core func $turn (canon lower (func $shop "turn") (memory (core memory $libc "memory"))))
    (core module $m
      (import "" "memory" (memory 1))
      (import "" "double" (func $double (param i32 i32 i32)))
      (import "" "turn" (func $turn (param i32 i64 i32)))
      (func (export "fourfold") (param i32 i32) (result i32)
        (call $double (local.get 0) (local.get 1) (i32.const 16))
        (call $double (i32.load (i32.const 16)) (i32.load (i32.const 20)) (i32.const 16))
        (i32.const 16))
      (func (export "turn") (param i32 i64) (result i32)
        (call $turn (local.get 0) (local.get 1) (i32.const 32)) (i32.const 32)))
    (core instance $i (instantiate $m (with "" (instance
      (export "memory" (memory $libc "memory"))
      (export "double" (func $double)) (export "turn" (func $turn))))))
    (func $fourfold (param "lines" (list $line')) (result (list $line'))
      (canon lift (core func $i "fourfold") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
    (func $turned (param "choice" $choice') (result $choice')
      (canon lift (core func $i "turn") (memory (core memory $libc "memory"))))
    (instance $till
      (export "line" (type $line'))
      (export "choice" (type $choice'))
      (export "fourfold" (func $fourfold))
      (export "turned" (func $turned)))
    (export "test:records/till" (instance $till)))
  (instance $shop (instantiate $Shop))
  (instance $till (instantiate $Till (with "test:records/shop" (instance $shop "test:records/shop"))))
  (alias export $till "test:records/till" (instance $till-items))
  (export $line "line" (type $till-items "line"))
  (export $choice "choice" (type $till-items "choice"))
  (export "fourfold" (func $till-items "fourfold")
    (func (param "lines" (list $line)) (result (list $line))))
  (export "turned" (func $till-items "turned")
    (func (param "choice" $choice) (result $choice))))
(assert_return (invoke "fourfold" (list.const)) (list.const))
(assert_return
  (invoke "fourfold" (list.const
    (record.const (field "count" u32.const 1) (field "price" f64.const 0.25))
    (record.const (field "count" u32.const 2) (field "price" f64.const -3))))
  (list.const
    (record.const (field "count" u32.const 1) (field "price" f64.const 1))
    (record.const (field "count" u32.const 2) (field "price" f64.const -12))))
(assert_return (invoke "turned" (variant.const "small" (u32.const 7))) (variant.const "large" (u64.const 8)))
(assert_return (invoke "turned" (variant.const "large" (u64.const 7))) (variant.const "none"))
(assert_return (invoke "turned" (variant.const "none")) (variant.const "small" (u32.const 1)))
