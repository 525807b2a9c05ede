  ;; Appended to the Go module by build.sh, as text. The host and the preview1 adapter ask for
  ;; memory before Go's runtime has started, so no Go function can answer. build.sh adds 16 MiB to the
  ;; memory that the module starts with, and this hands out the last 2 MiB of them, from FREE on. Go
  ;; does not know: its heap grows from below and must not come so far. Enough for a hello, not for
  ;; a program.
  (global $free (mut i32) (i32.const FREE))
  (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $bytes i32) (result i32)
    (local $start i32)
    (local.set $start
      (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $start) (local.get $bytes)))
    (local.get $start))
