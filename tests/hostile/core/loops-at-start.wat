;; Never ends its start.
(memory (export "memory") 1 1)
(func $loop (loop $again (br $again)))
(start $loop)
DESCRIBE
APPLY
REALLOC
