;; A dial but for one thing: it asks the host for the time. It describes itself
;; with empty texts and no levers, and answers the base.
(component
  (import "host:clock/now@1.0.0" (instance $clock
    (export "seconds" (func (result u64)))))
  (import "ainfera:policy/types@1.0.0" (instance $types
    (type $r-decimal (record (field "units" s64) (field "scale" u8)))
    (export "decimal" (type $decimal (eq $r-decimal)))
    (type $r-date (record (field "year" u16) (field "month" u8) (field "day" u8)))
    (export "date" (type $date (eq $r-date)))
    (type $v-lever-value (variant (case "number" $decimal) (case "text" string) (case "day" $date)))
    (export "lever-value" (type $lever-value (eq $v-lever-value)))
    (type $r-bounds (record (field "least" $decimal) (field "most" $decimal)))
    (export "bounds" (type $bounds (eq $r-bounds)))
    (type $r-lever (record
      (field "name" string)
      (field "summary" string)
      (field "value" $lever-value)
      (field "bounds" (option $bounds))))
    (export "lever" (type $lever (eq $r-lever)))
    (type $r-description (record
      (field "name" string)
      (field "version" string)
      (field "summary" string)
      (field "levers" (list $lever))))
    (export "description" (type (eq $r-description)))
  ))
  (alias export $types "description" (type $types-description))
  (import "description" (type $description (eq $types-description)))
  (alias export $types "decimal" (type $types-decimal))
  (import "decimal" (type $decimal (eq $types-decimal)))

  (alias export $clock "seconds" (func $now))
  (core func $seconds (canon lower (func $now)))
  (core module $main
    (import "clock" "seconds" (func $seconds (result i64)))
    (memory (export "memory") 1 1)
    (global $used (mut i32) (i32.const 1024))

    (func (export "describe") (result i32) i32.const 0)

    (func (export "apply")
      (param $some i32) (param $text i32) (param $size i32)
      (param $units i64) (param $scale i32) (param $live i32)
      (result i32)
      (drop (call $seconds))
      (i64.store (i32.const 512) (local.get $units))
      (i32.store8 (i32.const 520) (local.get $scale))
      i32.const 512)

    (func (export "realloc")
      (param $old i32) (param $old-size i32) (param $align i32) (param $size i32)
      (result i32)
      global.get $used
      (global.set $used (i32.add (global.get $used) (local.get $size))))
  )
  (core instance $main (instantiate $main
    (with "clock" (instance (export "seconds" (func $seconds))))))

  (alias core export $main "memory" (core memory $memory))
  (alias core export $main "realloc" (core func $realloc))
  (alias core export $main "describe" (core func $describe))
  (alias core export $main "apply" (core func $apply))
  (func (export "describe") (result $description)
    (canon lift (core func $describe) (memory $memory) string-encoding=utf8))
  (func (export "apply")
    (param "preference" (option string)) (param "base" $decimal) (param "live" bool)
    (result $decimal)
    (canon lift (core func $apply) (memory $memory) (realloc $realloc) string-encoding=utf8))
)
