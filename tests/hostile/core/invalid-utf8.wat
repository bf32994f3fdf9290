;; A name that is no UTF-8.
(memory (export "memory") 1 1)
DESCRIBE
(data (i32.const 1024) "\ff\fe\80\c0")
APPLY
REALLOC
