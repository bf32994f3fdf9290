;; Nothing is wrong with it: it shows that what is wrong with the others is theirs.
(memory (export "memory") 1 1)
DESCRIBE
APPLY
REALLOC
