;; Traps where the host asks for room for an argument.
(memory (export "memory") 1 1)
DESCRIBE
APPLY
(func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
