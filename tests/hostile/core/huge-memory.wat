;; All the memory that there is, from the beginning.
(memory (export "memory") 65536 65536)
DESCRIBE
APPLY
REALLOC
