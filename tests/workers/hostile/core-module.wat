;; A core module, not a component: what a toolchain makes before its last step.
(module
  (memory (export "memory") 1)
  (func (export "_start")))
