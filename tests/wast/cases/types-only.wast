;; An interface of nothing but types needs nobody who provides it.
(component
  (type $color' (enum "red" "green" "blue"))
  (instance $types (export "color" (type $color')))
  (component $Mixer
    (import "test:types/colors" (instance $colors
      (type $color' (enum "red" "green" "blue"))
      (export "color" (type (eq $color')))))
    (alias export $colors "color" (type $color'))
    (core module $m
      (func (export "next") (param i32) (result i32)
        (i32.rem_u (i32.add (local.get 0) (i32.const 1)) (i32.const 3))))
    (core instance $i (instantiate $m))
    (export $color "color" (type $color'))
    (func (export "next") (param "color" $color) (result $color) (canon lift (core func $i "next"))))
  (component $User
    (import "test:types/colors" (instance $colors
      (type $color' (enum "red" "green" "blue"))
      (export "color" (type (eq $color')))))
    (alias export $colors "color" (type $color'))
    (import "color" (type $color (eq $color')))
    (import "next" (func $next (param "color" $color) (result $color)))
    (core func $next (canon lower (func $next)))
    (core module $m
      (import "" "next" (func $next (param i32) (result i32)))
      (func (export "after-next") (param i32) (result i32) (call $next (call $next (local.get 0)))))
    (core instance $i (instantiate $m (with "" (instance (export "next" (func $next))))))
    (export $color2 "shade" (type $color))
    (func (export "after-next") (param "color" $color2) (result $color2)
      (canon lift (core func $i "after-next"))))
  (instance $mixer (instantiate $Mixer (with "test:types/colors" (instance $types))))
  (instance $user (instantiate $User
    (with "test:types/colors" (instance $types))
    (with "color" (type $mixer "color"))
    (with "next" (func $mixer "next"))))
  (export $shade "shade" (type $user "shade"))
  (export "after-next" (func $user "after-next")
    (func (param "color" $shade) (result $shade))))
(assert_return (invoke "after-next" (enum.const "red")) (enum.const "blue"))
(assert_return (invoke "after-next" (enum.const "green")) (enum.const "red"))
