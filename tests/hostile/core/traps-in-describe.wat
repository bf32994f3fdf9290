;; Traps where it is asked what it is.
(memory (export "memory") 1 1)
(func (export "describe") (result i32) unreachable)
APPLY
REALLOC
