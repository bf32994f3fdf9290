;; A dial around the parts of a core module: `tests/support/plugins.rs` puts those of
;; the files beside this one where PARTS stands, and parts of an honest dial, which
;; never moves a floor and says so, where they name one: DESCRIBE, APPLY, REALLOC.
(component
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

  (core module $main
    PARTS
  )

  (core instance $main (instantiate $main))
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
