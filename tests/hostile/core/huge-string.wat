;; A name of four gigabytes.
(memory (export "memory") 1 1)
DESCRIBE-DATA
(func (export "describe") (result i32)
  (i32.store (i32.const 260) (i32.const -1))
  i32.const 256)
APPLY
REALLOC
