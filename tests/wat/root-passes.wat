;; Gives back two resources of its embedder, of which neither has functions.
(component
  (import "test:root/tickets@0.1.0" (instance $tickets
    (export "ticket" (type (sub resource)))))
  (alias export $tickets "ticket" (type $ticket))
  (import "token" (type $token (sub resource)))
  (core module $code
    (memory (export "memory") 1)
    (func (export "pass") (param $token i32) (param $ticket i32) (result i32)
      (i32.store (i32.const 8) (local.get $ticket))
      (i32.store (i32.const 12) (local.get $token))
      (i32.const 8)))
  (core instance $code (instantiate $code))
  (alias core export $code "memory" (core memory $mem))
  (func (export "pass")
    (param "token" (own $token)) (param "ticket" (own $ticket))
    (result (tuple (own $ticket) (own $token)))
    (canon lift (core func $code "pass") (memory $mem))))
