;; Owns a resource. Some of its functions wait in the host, and its destructor
;; reports what it destroys. A thing is known by its number.
(component
  ;; Returns when the embedder opens the gate; this freezes the store.
  (import "wait" (func $wait))
  ;; The same, and the store goes on meanwhile.
  (import "pause" (func $pause async))
  ;; Called by the destructor.
  (import "destroyed" (func $destroyed (param "thing" u32)))
  (core func $wait' (canon lower (func $wait)))
  (core func $pause' (canon lower (func $pause)))
  (core func $destroyed' (canon lower (func $destroyed)))

  (core module $destructor
    (import "host" "destroyed" (func $destroyed (param i32)))
    (func (export "run") (param i32)
      (call $destroyed (local.get 0))))
  (core instance $destructor (instantiate $destructor
    (with "host" (instance (export "destroyed" (func $destroyed'))))))

  (type $thing' (resource (rep i32) (dtor (core func $destructor "run"))))
  (core func $new (canon resource.new $thing'))
  (core func $rep (canon resource.rep $thing'))
  (core func $drop (canon resource.drop $thing'))

  (core module $main
    (import "host" "wait" (func $wait))
    (import "host" "pause" (func $pause))
    (import "thing" "new" (func $new (param i32) (result i32)))
    (import "thing" "rep" (func $rep (param i32) (result i32)))
    (import "thing" "drop" (func $drop (param i32)))
    (func (export "make") (param i32) (result i32)
      (call $new (local.get 0)))
    (func (export "make-slowly") (param i32) (result i32)
      (call $wait)
      (call $new (local.get 0)))
    (func (export "make-async") (param i32) (result i32)
      (call $pause)
      (call $new (local.get 0)))
    (func (export "use") (param i32) (result i32)
      (local.get 0))
    (func (export "use-slowly") (param i32) (result i32)
      (call $wait)
      (local.get 0))
    (func (export "use-async") (param i32) (result i32)
      (call $pause)
      (local.get 0))
    (func (export "take") (param i32) (result i32)
      (call $rep (local.get 0))
      (call $drop (local.get 0))))
  (core instance $main (instantiate $main
    (with "host" (instance
      (export "wait" (func $wait'))
      (export "pause" (func $pause'))))
    (with "thing" (instance
      (export "new" (func $new))
      (export "rep" (func $rep))
      (export "drop" (func $drop))))))

  (export $thing "thing" (type $thing'))
  (func (export "make") (param "number" u32) (result (own $thing))
    (canon lift (core func $main "make")))
  (func (export "make-slowly") (param "number" u32) (result (own $thing))
    (canon lift (core func $main "make-slowly")))
  (func (export "make-async") async (param "number" u32) (result (own $thing))
    (canon lift (core func $main "make-async")))
  (func (export "use") (param "thing" (borrow $thing)) (result u32)
    (canon lift (core func $main "use")))
  (func (export "use-slowly") (param "thing" (borrow $thing)) (result u32)
    (canon lift (core func $main "use-slowly")))
  (func (export "use-async") async (param "thing" (borrow $thing)) (result u32)
    (canon lift (core func $main "use-async")))
  ;; Destroys it and returns its number.
  (func (export "take") (param "thing" (own $thing)) (result u32)
    (canon lift (core func $main "take"))))
