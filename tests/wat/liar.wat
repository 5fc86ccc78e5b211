;; Breaks the canonical ABI: what it returns and passes on is not what its
;; types say.
(component
  (import "listen" (func $listen (param "text" string)))
  (core module $memory
    (memory (export "memory") 1)
    (data (i32.const 100) "\ff\ff\ff\ff")
    ;; Any call with a string asks for memory here.
    (global $answer (export "answer") (mut i32) (i32.const 1000))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (if (i32.eqz (global.get $answer)) (then unreachable))
      (global.get $answer)))
  (core instance $memory (instantiate $memory))
  (core func $listen' (canon lower (func $listen)
    (memory (core memory $memory "memory"))
    (realloc (core func $memory "realloc"))))

  (core module $main
    (import "memory" "memory" (memory 1))
    (import "memory" "answer" (global $answer (mut i32)))
    (import "host" "listen" (func $listen (param i32 i32)))
    ;; Where a result is: the address and the length of a string.
    (func $string (param $address i32) (param $length i32) (result i32)
      (i32.store (i32.const 8) (local.get $address))
      (i32.store (i32.const 12) (local.get $length))
      (i32.const 8))
    (func (export "string") (param $address i32) (param $length i32) (result i32)
      (call $string (local.get $address) (local.get $length)))
    (func (export "char") (param i32) (result i32)
      (local.get 0))
    (func (export "say") (param $address i32) (param $length i32)
      (call $listen (local.get $address) (local.get $length)))
    (func (export "allocate") (param i32)
      (global.set $answer (local.get 0)))
    (func (export "hear") (param i32 i32) (result i32)
      (local.get 1))
    (func (export "post-return") (param i32)
      unreachable))
  (core instance $main (instantiate $main
    (with "memory" (instance $memory))
    (with "host" (instance (export "listen" (func $listen'))))))

  ;; The string at any address, whether there is one or not.
  (func (export "string") (param "address" u32) (param "length" u32) (result string)
    (canon lift (core func $main "string") (memory (core memory $memory "memory"))))
  (func (export "char") (param "code" u32) (result char)
    (canon lift (core func $main "char")))
  ;; Passes that string on.
  (func (export "say") (param "address" u32) (param "length" u32)
    (canon lift (core func $main "say")))
  ;; Sets what the next demands for memory are answered with; 0 traps.
  (func (export "allocate") (param "address" u32)
    (canon lift (core func $main "allocate")))
  (func (export "hear") (param "text" string) (result u32)
    (canon lift (core func $main "hear")
      (memory (core memory $memory "memory"))
      (realloc (core func $memory "realloc"))))
  ;; Traps after it has returned.
  (func (export "regret") (param "address" u32) (param "length" u32) (result string)
    (canon lift (core func $main "string")
      (memory (core memory $memory "memory"))
      (post-return (core func $main "post-return")))))
