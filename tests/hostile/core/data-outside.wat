;; A data segment far behind the end of the memory.
(memory (export "memory") 1 1)
(data (i32.const 0x7fff0000) "far")
DESCRIBE
APPLY
REALLOC
