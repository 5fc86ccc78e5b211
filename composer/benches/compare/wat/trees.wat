;; Sends a tree of this many nodes, a third of each kind, as often as it is told.
(component
  (import "bench:compare/trees" (instance $trees
    (type $node' (variant (case "leaf" u32) (case "text" string) (case "fork" (tuple u32 u32))))
    (export "node" (type $node (eq $node')))
    (export "echo" (func (param "v" (list $node)) (result (list $node))))))
  (core module $memory
    (memory (export "memory") 32)
    (global $free (export "free") (mut i32) (i32.const 0))
    (func (export "realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $free (i32.add (local.get $at) (local.get $size)))
      (local.get $at)))
  (core instance $memory (instantiate $memory))
  (alias export $trees "echo" (func $echo))
  (core func $echo' (canon lower (func $echo)
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core module $m
    (import "memory" "memory" (memory 32))
    (import "memory" "free" (global $free (mut i32)))
    (import "" "echo" (func $echo (param i32 i32 i32)))
    (data (i32.const 64) "a node's text")
    (func (export "trees") (param $size i32) (param $times i32) (result i32)
      (local $i i32)
      (local $at i32)
      (local.set $at (i32.const 0x10000))
      (loop $fill
        (i32.store8 (local.get $at) (i32.rem_u (local.get $i) (i32.const 3)))
        ;; A number, where a text is, or the one branch; then the text's length,
        ;; or the other branch.
        (i32.store offset=4 (local.get $at) (i32.const 64))
        (i32.store offset=8 (local.get $at) (i32.const 13))
        (local.set $at (i32.add (local.get $at) (i32.const 12)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $fill (i32.lt_u (local.get $i) (local.get $size))))
      (loop $again
        (global.set $free (i32.const 0x80000))
        (call $echo (i32.const 0x10000) (local.get $size) (i32.const 8))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (i32.load (i32.const 12))))
  (core instance $i (instantiate $m
    (with "memory" (instance $memory))
    (with "" (instance (export "echo" (func $echo'))))))
  (func (export "sends") (param "size" u32) (param "times" u32) (result u32)
    (canon lift (core func $i "trees"))))
