;; Lends a thing to an async call of its owner, and does with it what it must
;; not do while the call runs.
(component
  (import "thing" (type $thing (sub resource)))
  (import "make" (func $make (param "number" u32) (result (own $thing))))
  (import "take" (func $take (param "thing" (own $thing)) (result u32)))
  (import "use-async" (func $use-async async (param "thing" (borrow $thing)) (result u32)))

  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $make' (canon lower (func $make)))
  (core func $take' (canon lower (func $take)))
  (core func $use-async' (canon lower (func $use-async) async (memory (core memory $memory "memory"))))
  (core func $drop (canon resource.drop $thing))
  (core func $cancel (canon subtask.cancel))

  (core module $main
    (import "owner" "make" (func $make (param i32) (result i32)))
    (import "owner" "take" (func $take (param i32) (result i32)))
    (import "owner" "use-async" (func $use-async (param i32 i32) (result i32)))
    (import "owner" "drop" (func $drop (param i32)))
    (import "owner" "cancel" (func $cancel (param i32) (result i32)))
    (global $lent (mut i32) (i32.const 0))
    (global $call (mut i32) (i32.const 0))
    (func (export "lend") (param i32)
      (global.set $lent (call $make (local.get 0)))
      ;; The call has started, and its number stands above four bits of state.
      (global.set $call (i32.shr_u
        (call $use-async (global.get $lent) (i32.const 0))
        (i32.const 4))))
    (func (export "cancel") (result i32)
      (call $cancel (global.get $call)))
    (func (export "drop-lent")
      (call $drop (global.get $lent)))
    (func (export "give-lent") (result i32)
      (call $take (global.get $lent))))
  (core instance $main (instantiate $main
    (with "owner" (instance
      (export "make" (func $make'))
      (export "take" (func $take'))
      (export "use-async" (func $use-async'))
      (export "drop" (func $drop))
      (export "cancel" (func $cancel))))))

  (func (export "lend") (param "number" u32) (canon lift (core func $main "lend")))
  ;; Gives up the call; returns what has become of it, 4 if it never returns.
  (func (export "cancel") async (result u32) (canon lift (core func $main "cancel")))
  (func (export "drop-lent") (canon lift (core func $main "drop-lent")))
  (func (export "give-lent") (result u32) (canon lift (core func $main "give-lent"))))
