// CommonJS parts of a bundle: each is run once, when somebody first asks for it.

import { native } from "./native.js";
import { node } from "./node.js";

const modules = new Map();

/** The exports of a CommonJS part. A cycle gets what the other has exported so far, as in Node. */
export function requireModule(name) {
  let module = modules.get(name);
  if (module !== undefined) return module.exports;
  module = { id: name, exports: {}, loaded: false };
  modules.set(name, module);
  const require = (specifier) => {
    const found = native.resolve_module(name, String(specifier));
    if (found.startsWith("node:")) return node.required(found);
    return native.is_commonjs(found) ? requireModule(found) : native.module_value(found);
  };
  try {
    native.compile_commonjs(name).call(module.exports, module.exports, require, module);
  } catch (error) {
    modules.delete(name);
    throw error;
  }
  module.loaded = true;
  return module.exports;
}
