;; Grows a table for as long as it may.
(memory (export "memory") 1 1)
(table $table 1 funcref)
DESCRIBE
(func (export "apply")
  (param $some i32) (param $text i32) (param $size i32)
  (param $units i64) (param $scale i32) (param $live i32)
  (result i32)
  (loop $more
    (br_if $more (i32.ne (i32.const -1) (table.grow $table (ref.null func) (i32.const 1000)))))
  unreachable)
REALLOC
