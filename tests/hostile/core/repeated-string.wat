;; Ten thousand levers whose every text is the same megabyte: few pages here, twenty
;; gigabytes where they are copied.
(memory (export "memory") 32 32)
DESCRIBE-DATA
(func (export "describe") (result i32)
  (local $lever i32)
  (memory.fill (i32.const 1048576) (i32.const 97) (i32.const 1048576))
  (local.set $lever (i32.const 65536))
  (loop $more
    (i32.store offset=0 (local.get $lever) (i32.const 1048576))
    (i32.store offset=4 (local.get $lever) (i32.const 1048576))
    (i32.store offset=8 (local.get $lever) (i32.const 1048576))
    (i32.store offset=12 (local.get $lever) (i32.const 1048576))
    (local.set $lever (i32.add (local.get $lever) (i32.const 80)))
    (br_if $more (i32.lt_u (local.get $lever) (i32.const 865536))))
  (i32.store (i32.const 280) (i32.const 65536))
  (i32.store (i32.const 284) (i32.const 10000))
  i32.const 256)
APPLY
REALLOC
