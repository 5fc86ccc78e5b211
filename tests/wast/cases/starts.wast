;; Components that do something while they are instantiated do it in the order in which
;; they stand.
(component
  (component $Log
    (core module $m
      (global $said (mut i32) (i32.const 0))
      (func (export "say") (param i32)
        (global.set $said (i32.add (i32.mul (global.get $said) (i32.const 10)) (local.get 0))))
      (func (export "said") (result i32) (global.get $said)))
    (core instance $i (instantiate $m))
    (func (export "say") (param "n" u32) (canon lift (core func $i "say")))
    (func (export "said") (result u32) (canon lift (core func $i "said"))))
  (component $Three
    (import "say" (func $say (param "n" u32)))
    (core func $say (canon lower (func $say)))
    (core module $m
      (import "" "say" (func $say (param i32)))
      (func $start (call $say (i32.const 3)))
      (start $start))
    (core instance (instantiate $m (with "" (instance (export "say" (func $say)))))))
  (component $One
    (import "say" (func $say (param "n" u32)))
    (core func $say (canon lower (func $say)))
    (core module $m
      (import "" "say" (func $say (param i32)))
      (func $start (call $say (i32.const 1)))
      (start $start))
    (core instance (instantiate $m (with "" (instance (export "say" (func $say)))))))
  (instance $log (instantiate $Log))
  (instance (instantiate $Three (with "say" (func $log "say"))))
  (instance (instantiate $One (with "say" (func $log "say"))))
  (instance (instantiate $Three (with "say" (func $log "say"))))
  (func (export "said") (alias export $log "said")))
(assert_return (invoke "said") (u32.const 313))
