// structuredClone (HTML standard, "StructuredSerialize"), in one pass: what is transferred is copied and its original
// detached once all else has been cloned, so that a value that cannot be cloned changes nothing.

import { native } from "./native.js";

const { DOMException } = require("ext:deno_web/01_dom_exception.js");
const { Blob, File } = require("ext:deno_web/09_file.js");
const webidl = require("ext:deno_webidl/00_webidl.js");

/** A class has a method of this name when its objects are transferred: it gives [the new object, what moves into it]. */
export const TRANSFER = Symbol("transfer");

const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const VIEWS = Object.fromEntries(
  [
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array,
    Float32Array, Float64Array, globalThis.Float16Array,
  ].filter(Boolean).map((view) => [view.name, view]),
);
const REFUSED = [WeakMap, WeakSet, WeakRef, Promise, FinalizationRegistry, Object.getPrototypeOf(function* () {})].map(
  ({ prototype }) => prototype,
);
const viewName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const sourceOf = Function.prototype.toString;
const { isArray } = Array;

export function structuredClone(value, options) {
  if (arguments.length === 0) throw new TypeError("structuredClone() needs a value");
  return cloneAndTransfer(value, transferList(options));
}

/** The objects that the options, or an array in their place, name. */
export function transferList(options) {
  if (options === undefined || options === null) return [];
  if (typeof options !== "object") throw new TypeError("The options must be an object");
  const list = typeof options[Symbol.iterator] === "function" ? options : options.transfer;
  if (list === undefined || list === null) return [];
  if (typeof list !== "object" || typeof list[Symbol.iterator] !== "function") {
    throw new TypeError("The list of what to transfer must be iterable");
  }
  return [...list];
}

export function cloneAndTransfer(value, list) {
  if (list.length === 0) return clone(value, null);
  const seen = new Map();
  const moves = list.map((item) => {
    if (seen.has(item)) throw refused("The list of what to transfer has an object twice, which");
    const [copy, move] = transferred(item);
    seen.set(item, copy);
    return move;
  });
  const made = clone(value, seen);
  for (const move of moves) move();
  return made;
}

function transferred(item) {
  if (native.is_array_buffer(item)) return [bufferOf(item), () => item.transfer()];
  const transfer = item?.[TRANSFER];
  if (typeof transfer !== "function") throw refused(shown(item));
  return transfer.call(item);
}

const refused = (what) => new DOMException(`${what} could not be cloned.`, "DataCloneError");

function shown(value) {
  if (typeof value === "function") return sourceOf.call(value);
  if (typeof value !== "object" || value === null) return String(value);
  return `#<${typeof value.constructor === "function" ? value.constructor.name : "Object"}>`;
}

/** `seen` is made when the first object is met: most calls clone one, but a plain value needs none. */
function clone(value, seen) {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "function" || typeof value === "symbol") throw refused(shown(value));
    return value;
  }
  seen ??= new Map();
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (native.is_proxy(value)) throw refused("#<Object>");
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return properties(value, {}, seen);
  if (isArray(value)) return properties(value, new Array(value.length), seen);
  return ofClass(value, seen);
}

function properties(value, made, seen) {
  seen.set(value, made);
  for (const key of Object.keys(value)) {
    const item = clone(value[key], seen);
    if (key === "__proto__") {
      Object.defineProperty(made, key, { value: item, writable: true, enumerable: true, configurable: true });
    } else {
      made[key] = item;
    }
  }
  return made;
}

function ofClass(value, seen) {
  const made = simple(value, seen);
  if (made !== undefined) {
    seen.set(value, made);
    return made;
  }
  if (value instanceof Map) {
    const map = new Map();
    seen.set(value, map);
    // What cloning changes in the original is not to be seen.
    for (const [key, item] of [...value]) map.set(clone(key, seen), clone(item, seen));
    return map;
  }
  if (value instanceof Set) {
    const set = new Set();
    seen.set(value, set);
    for (const item of [...value]) set.add(clone(item, seen));
    return set;
  }
  if (Error.isError(value)) return error(value, seen);
  if (REFUSED.some((prototype) => prototype.isPrototypeOf(value))) throw refused(shown(value));
  // An object of the platform that none of the above knows.
  if (value[webidl.brand] === webidl.brand || typeof value[TRANSFER] === "function") throw refused(shown(value));
  return properties(value, {}, seen);
}

/** What holds no other values. */
function simple(value, seen) {
  if (native.is_array_buffer(value)) return bufferOf(value);
  if (ArrayBuffer.isView(value)) return viewOf(value, seen);
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof DOMException) return exception(value);
  if (value instanceof File) return new File([value], value.name, { type: value.type, lastModified: value.lastModified });
  if (value instanceof Blob) return new Blob([value], { type: value.type });
  if (value instanceof String || value instanceof Number || value instanceof Boolean || value instanceof BigInt) {
    return Object(value.valueOf());
  }
  if (value instanceof Symbol) throw refused("[object Symbol]");
  return undefined;
}

function bufferOf(buffer) {
  if (buffer.detached) throw refused("An ArrayBuffer is detached and");
  if (!buffer.resizable) return buffer.slice(0);
  const made = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(made).set(new Uint8Array(buffer));
  return made;
}

function viewOf(view, seen) {
  const buffer = clone(view.buffer, seen);
  if (view instanceof DataView) return new DataView(buffer, view.byteOffset, view.byteLength);
  return new VIEWS[viewName.call(view)](buffer, view.byteOffset, view.length);
}

const hidden = (value) => ({ value, writable: true, configurable: true, enumerable: false });

/** As V8 does it: one of the language's classes by the name, its message, stack and cause. Nothing else goes along. */
function error(value, seen) {
  const made = new (Object.hasOwn(ERRORS, value.name) ? ERRORS[value.name] : Error)();
  seen.set(value, made);
  const message = Object.getOwnPropertyDescriptor(value, "message");
  if (message !== undefined && "value" in message) Object.defineProperty(made, "message", hidden(String(message.value)));
  if (typeof value.stack === "string") Object.defineProperty(made, "stack", hidden(value.stack));
  const cause = Object.getOwnPropertyDescriptor(value, "cause");
  if (cause !== undefined && "value" in cause) Object.defineProperty(made, "cause", hidden(clone(cause.value, seen)));
  return made;
}

function exception(value) {
  const made = new DOMException(value.message, value.name);
  if (typeof value.stack === "string") Object.defineProperty(made, "stack", hidden(value.stack));
  return made;
}
