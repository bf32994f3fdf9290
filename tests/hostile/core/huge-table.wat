;; A table of ten million elements.
(memory (export "memory") 1 1)
(table 10000000 funcref)
DESCRIBE
APPLY
REALLOC
