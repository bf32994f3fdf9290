;; Fills two megabytes over and over: much work for little fuel.
(memory (export "memory") 32 32)
DESCRIBE
(func (export "apply")
  (param $some i32) (param $text i32) (param $size i32)
  (param $units i64) (param $scale i32) (param $live i32)
  (result i32)
  (local $left i32)
  (local.set $left (i32.const 20))
  (loop $again
    (memory.fill (i32.const 65536) (local.get $left) (i32.const 2031616))
    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
    (br_if $again (local.get $left)))
  (i64.store (i32.const 512) (local.get $units))
  (i32.store8 (i32.const 520) (local.get $scale))
  i32.const 512)
REALLOC
