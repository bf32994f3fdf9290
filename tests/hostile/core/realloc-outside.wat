;; Gives room for an argument that is not in its memory.
(memory (export "memory") 1 1)
DESCRIBE
APPLY
(func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0x7fffff00)
