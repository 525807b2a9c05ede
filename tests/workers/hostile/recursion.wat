;; Calls itself until the stack ends. The result is used after the call, so it is no loop in
;; disguise.
(component
  (import "wasi:http/types@0.2.0" (instance $types
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))
  ))
  (alias export $types "incoming-request" (type $incoming-request))
  (alias export $types "response-outparam" (type $response-outparam))

  (core module $guest
    (func $deeper (param $depth i32) (result i32)
      (i32.xor
        (local.get $depth)
        (call $deeper (i32.add (local.get $depth) (i32.const 1)))))
    (func (export "handle") (param i32 i32)
      (drop (call $deeper (i32.const 0))))
  )
  (core instance $guest (instantiate $guest))

  (func $handle
    (param "request" (own $incoming-request))
    (param "response-out" (own $response-outparam))
    (canon lift (core func $guest "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler))
)
