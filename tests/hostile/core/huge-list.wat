;; A hundred million levers.
(memory (export "memory") 1 1)
DESCRIBE-DATA
(func (export "describe") (result i32)
  (i32.store (i32.const 284) (i32.const 100000000))
  i32.const 256)
APPLY
REALLOC
