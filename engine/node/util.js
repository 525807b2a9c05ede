// node:util. Values are shown as the log shows them.

import node from "cirque:node";
import types from "node:util/types";

export { types };
export const { TextDecoder, TextEncoder } = globalThis;
export const { isArray } = Array;

export const inspect = (value) => node.inspect(value);
inspect.custom = Symbol.for("nodejs.util.inspect.custom");
inspect.defaultOptions = {};
inspect.colors = {};
inspect.styles = {};

export const format = (...values) => node.format(values);
export const formatWithOptions = (_, ...values) => node.format(values);

const custom = Symbol.for("nodejs.util.promisify.custom");

export function promisify(original) {
  if (typeof original !== "function") throw new TypeError('The "original" argument must be of type function');
  if (original[custom] !== undefined) return original[custom];
  const promised = function (...values) {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [...values, (error, value) => (error ? reject(error) : resolve(value))]);
    });
  };
  Object.setPrototypeOf(promised, Object.getPrototypeOf(original));
  return Object.defineProperties(promised, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = custom;

export function callbackify(original) {
  return function (...values) {
    const callback = values.pop();
    Reflect.apply(original, this, values).then(
      (value) => queueMicrotask(() => callback(null, value)),
      (error) => queueMicrotask(() => callback(error ?? new Error("The promise was rejected with no reason"))),
    );
  };
}

export function inherits(constructor, parent) {
  Object.defineProperty(constructor, "super_", { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

export function deprecate(original, message) {
  let isWarned = false;
  const deprecated = function (...values) {
    if (!isWarned) console.warn(`DeprecationWarning: ${message}`);
    isWarned = true;
    return new.target ? Reflect.construct(original, values, new.target) : Reflect.apply(original, this, values);
  };
  Object.setPrototypeOf(deprecated, original);
  deprecated.prototype = original.prototype;
  return deprecated;
}

/** No section is ever switched on. */
export const debuglog = () => Object.assign(() => {}, { enabled: false });
export const debug = debuglog;

export const stripVTControlCharacters = (text) => text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
export const styleText = (_, text) => text;
export const toUSVString = (text) => String(text).toWellFormed();
export const log = (...values) => console.log(format(...values));
export const _extend = (target, source) => Object.assign(target, source);

export const isDeepStrictEqual = (a, b) => isEqual(a, b, true, new Map());

/** For node:assert too, which has a loose equality. */
export function isEqual(a, b, isStrict, open) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return !isStrict && a == b;
  if (isStrict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  if (open.get(a) === b) return true;
  open.set(a, b);
  const equal = haveEqualValues(a, b, isStrict, open) && haveEqualProperties(a, b, isStrict, open);
  open.delete(a);
  return equal;
}

function haveEqualValues(a, b, isStrict, open) {
  if (a instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp) return String(a) === String(b) && a.lastIndex === b.lastIndex;
  if (a instanceof Error) return a.name === b.name && a.message === b.message && isEqual(a.cause, b.cause, isStrict, open);
  if (types.isBoxedPrimitive(a)) return Object.is(a.valueOf(), b.valueOf());
  if (a instanceof ArrayBuffer) return isEqual(new Uint8Array(a), new Uint8Array(b), isStrict, open);
  if (ArrayBuffer.isView(a)) return a.byteLength === b.byteLength && (!types.isTypedArray(a) || a.every((it, at) => Object.is(it, b[at])));
  const has = (set, value) => set.has(value) || [...set].some((other) => isEqual(value, other, isStrict, open));
  if (a instanceof Set) return a.size === b.size && [...a].every((value) => has(b, value));
  if (a instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) =>
      b.has(key) ? isEqual(value, b.get(key), isStrict, open) : [...b].some((pair) => isEqual([key, value], pair, isStrict, open))
    );
  }
  return true;
}

function haveEqualProperties(a, b, isStrict, open) {
  if (ArrayBuffer.isView(a)) return true;
  if (Array.isArray(a) && a.length !== b.length) return false;
  const keys = (it) => [
    ...Object.keys(it),
    ...(isStrict ? Object.getOwnPropertySymbols(it).filter((key) => Object.prototype.propertyIsEnumerable.call(it, key)) : []),
  ];
  const [of, other] = [keys(a), keys(b)];
  return of.length === other.length && of.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key], isStrict, open));
}

export const isBoolean = (value) => typeof value === "boolean";
export const isFunction = (value) => typeof value === "function";
export const isNumber = (value) => typeof value === "number";
export const isObject = (value) => typeof value === "object" && value !== null;
export const isString = (value) => typeof value === "string";
export const isUndefined = (value) => value === undefined;
export const { isDate, isRegExp } = types;
export const isError = types.isNativeError;

export default {
  types, TextDecoder, TextEncoder, inspect, format, formatWithOptions, promisify, callbackify, inherits, deprecate, debuglog, debug,
  stripVTControlCharacters, styleText, toUSVString, log, _extend, isDeepStrictEqual, isArray, isBoolean, isFunction, isNumber, isObject,
  isString, isUndefined, isDate, isRegExp, isError,
};
