;; Hands back lists as it was given them, whatever stands in them.
(component
  (import "thing" (type $thing (sub resource)))
  (core module $main
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 16))
    ;; Never frees: there is room for what the tests pass.
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (global.get $free)
      (global.set $free (i32.and
        (i32.add (global.get $free) (i32.add (local.get $size) (i32.const 7)))
        (i32.const -8))))
    ;; The list's address and length, and where they are.
    (func (export "carry") (param $address i32) (param $length i32) (result i32)
      (i32.store (i32.const 8) (local.get $address))
      (i32.store (i32.const 12) (local.get $length))
      (i32.const 8)))
  (core instance $main (instantiate $main))
  (alias core export $main "memory" (core memory $memory))
  (alias core export $main "realloc" (core func $realloc))
  (alias core export $main "carry" (core func $carry))

  (type $own (own $thing))
  (type $tuples (list (tuple $own u32 $own)))
  (func (export "tuples") (param "v" $tuples) (result $tuples)
    (canon lift (core func $carry) (memory $memory) (realloc $realloc)))
  (type $options (list (option $own)))
  (func (export "options") (param "v" $options) (result $options)
    (canon lift (core func $carry) (memory $memory) (realloc $realloc)))
  (type $results (list (result $own (error $own))))
  (func (export "results") (param "v" $results) (result $results)
    (canon lift (core func $carry) (memory $memory) (realloc $realloc)))
  (type $lists (list (list $own)))
  (func (export "lists") (param "v" $lists) (result $lists)
    (canon lift (core func $carry) (memory $memory) (realloc $realloc)))
  ;; All of them in each other, with plain values between.
  (type $nested (list (result
    (option (tuple string (list (tuple u8 (option $own)))))
    (error (list $own)))))
  (func (export "nested") (param "v" $nested) (result $nested)
    (canon lift (core func $carry) (memory $memory) (realloc $realloc))))
