;; A core module: not a component, whatever it exports.
(module
  (memory (export "memory") 1 1)
  (func (export "describe") (result i32) i32.const 0)
)
