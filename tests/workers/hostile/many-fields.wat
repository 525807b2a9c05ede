;; Makes `fields` without end and drops none: each is memory of the host, and one more handle in
;; its tables.
(component
  (import "wasi:http/types@0.2.0" (instance $types
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))
    (export "fields" (type $fields (sub resource)))
    (export "[constructor]fields" (func (result (own $fields))))
  ))
  (alias export $types "incoming-request" (type $incoming-request))
  (alias export $types "response-outparam" (type $response-outparam))

  (core func $fields (canon lower (func $types "[constructor]fields")))

  (core module $guest
    (import "types" "fields" (func $fields (result i32)))
    (func (export "handle") (param i32 i32)
      (loop $again
        (drop (call $fields))
        (br $again)))
  )
  (core instance $guest (instantiate $guest
    (with "types" (instance (export "fields" (func $fields))))))

  (func $handle
    (param "request" (own $incoming-request))
    (param "response-out" (own $response-outparam))
    (canon lift (core func $guest "handle")))
  (instance $handler (export "handle" (func $handle)))
  (export "wasi:http/incoming-handler@0.2.0" (instance $handler))
)
