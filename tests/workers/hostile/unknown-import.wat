;; Imports an interface that no host has, and calls it. A deployment must be refused and
;; `acme:secret/door@1.0.0` named.
(component
  (import "acme:secret/door@1.0.0" (instance $door
    (export "open" (func))
  ))
  (import "wasi:http/types@0.2.0" (instance $types
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))
  ))
  (alias export $types "incoming-request" (type $incoming-request))
  (alias export $types "response-outparam" (type $response-outparam))

  (core func $open (canon lower (func $door "open")))

  (core module $guest
    (import "door" "open" (func $open))
    (func (export "handle") (param i32 i32)
      (call $open))
  )
  (core instance $guest (instantiate $guest
    (with "door" (instance (export "open" (func $open))))))

  (func $handle
    (param "request" (own $incoming-request))
    (param "response-out" (own $response-outparam))
    (canon lift (core func $guest "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler))
)
