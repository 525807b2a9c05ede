;; Traps when any byte of its memory is not zero, and then fills all of it: what one invocation leaves
;; behind, the next one on the same slot would find. In order, it returns without a response.
(component
  (import "wasi:http/types@0.2.0" (instance $types
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))
  ))
  (alias export $types "incoming-request" (type $incoming-request))
  (alias export $types "response-outparam" (type $response-outparam))

  (core module $guest
    (memory 64)
    (func (export "handle") (param i32 i32)
      (local $at i32)
      (loop $again
        (if (i64.ne (i64.load (local.get $at)) (i64.const 0))
          (then (unreachable)))
        (i64.store (local.get $at) (i64.const -1))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $again (i32.lt_u (local.get $at) (i32.const 4194304)))))
  )
  (core instance $guest (instantiate $guest))

  (func $handle
    (param "request" (own $incoming-request))
    (param "response-out" (own $response-outparam))
    (canon lift (core func $guest "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler))
)
