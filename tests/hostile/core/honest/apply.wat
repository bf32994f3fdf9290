;; The base.
(func (export "apply")
  (param $some i32) (param $text i32) (param $size i32)
  (param $units i64) (param $scale i32) (param $live i32)
  (result i32)
  (i64.store (i32.const 512) (local.get $units))
  (i32.store8 (i32.const 520) (local.get $scale))
  i32.const 512)
