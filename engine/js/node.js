// What Node's modules (../node) stand on. They are no part of the API: a worker that asks for them has them in its bundle.

import { callHost, crypto } from "./crypto.js";
import { formatWithDirectives, inspect } from "./inspect.js";
import { native } from "./native.js";

const DIGEST = 10, DIGEST_UPDATE = 11, DIGEST_FINISH = 12, TIMING_SAFE_EQUAL = 5;

let modules = null;

export const node = {
  inspect,
  format: formatWithDirectives,
  encode: native.encode,
  decode: native.decode,
  isProxy: native.is_proxy,
  nowUs: native.now_us,
  asyncContext: native.async_context,
  swapAsyncContext: native.swap_async_context,
  fillRandom: native.fill_random,
  webcrypto: crypto,
  digest: (name, data) => callHost(DIGEST, name, data),
  digestUpdate: (name, state, data) => callHost(DIGEST_UPDATE, name, state, data),
  digestFinish: (name, state) => callHost(DIGEST_FINISH, name, state),
  timingSafeEqual: (a, b) => callHost(TIMING_SAFE_EQUAL, a, b),
  /** process.env: the bindings that are text, which the first request brings. */
  env: {},

  /** Called before a worker's own code: the modules by their names. */
  start(found) {
    modules = found;
    const define = (name, value) => {
      if (value !== undefined) Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
    };
    define("global", globalThis);
    define("Buffer", found["node:buffer"]?.Buffer);
    define("process", found["node:process"]?.default);
  },

  /** What `require` gives; undefined when there is no such module. */
  builtin(name) {
    const module = modules?.[name.startsWith("node:") ? name : `node:${name}`];
    return module?.default ?? module;
  },

  required(name) {
    const module = node.builtin(name);
    if (module === undefined) throw new Error(`No such module "${name}"`);
    return module;
  },

  bind(bindings) {
    if (modules === null) return;
    for (const name of Object.keys(bindings)) if (typeof bindings[name] === "string") node.env[name] = bindings[name];
  },
};
