;; A component that imports nothing and exports what no slot has.
(component
  (core module $main
    (func (export "answer") (result i32) i32.const 42)
  )
  (core instance $main (instantiate $main))
  (alias core export $main "answer" (core func $answer))
  (func (export "answer") (result u32) (canon lift (core func $answer)))
)
