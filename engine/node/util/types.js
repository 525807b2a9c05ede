// node:util/types

import node from "cirque:node";

const tag = (value) => Object.prototype.toString.call(value).slice(8, -1);
const tagged = (name) => (value) => typeof value === "object" && value !== null && tag(value) === name;
const arrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const typedArray = (name) => (value) => ArrayBuffer.isView(value) && arrayTag.call(value) === name;

export const isProxy = node.isProxy;
export const isExternal = () => false;
export const isSharedArrayBuffer = () => false;
export const isArgumentsObject = tagged("Arguments");
export const isBigIntObject = tagged("BigInt");
export const isBooleanObject = tagged("Boolean");
export const isNumberObject = tagged("Number");
export const isStringObject = tagged("String");
export const isSymbolObject = tagged("Symbol");
export const isBoxedPrimitive = (value) =>
  isBigIntObject(value) || isBooleanObject(value) || isNumberObject(value) || isStringObject(value) || isSymbolObject(value);
export const isDate = (value) => value instanceof Date;
export const isRegExp = (value) => value instanceof RegExp;
export const isPromise = (value) => value instanceof Promise;
export const isNativeError = (value) => value instanceof Error;
export const isMap = (value) => value instanceof Map;
export const isSet = (value) => value instanceof Set;
export const isWeakMap = (value) => value instanceof WeakMap;
export const isWeakSet = (value) => value instanceof WeakSet;
export const isMapIterator = tagged("Map Iterator");
export const isSetIterator = tagged("Set Iterator");
export const isGeneratorObject = tagged("Generator");
export const isModuleNamespaceObject = tagged("Module");
export const isAsyncFunction = (value) => typeof value === "function" && /^Async/.test(tag(value));
export const isGeneratorFunction = (value) => typeof value === "function" && /GeneratorFunction$/.test(tag(value));
export const isArrayBuffer = (value) => value instanceof ArrayBuffer;
export const isAnyArrayBuffer = isArrayBuffer;
export const isArrayBufferView = ArrayBuffer.isView;
export const isDataView = (value) => value instanceof DataView;
export const isTypedArray = (value) => ArrayBuffer.isView(value) && !isDataView(value);
export const isUint8Array = typedArray("Uint8Array");
export const isUint8ClampedArray = typedArray("Uint8ClampedArray");
export const isUint16Array = typedArray("Uint16Array");
export const isUint32Array = typedArray("Uint32Array");
export const isInt8Array = typedArray("Int8Array");
export const isInt16Array = typedArray("Int16Array");
export const isInt32Array = typedArray("Int32Array");
export const isFloat32Array = typedArray("Float32Array");
export const isFloat64Array = typedArray("Float64Array");
export const isBigInt64Array = typedArray("BigInt64Array");
export const isBigUint64Array = typedArray("BigUint64Array");
export const isCryptoKey = (value) => value instanceof CryptoKey;
export const isKeyObject = () => false;

export default {
  isProxy, isExternal, isSharedArrayBuffer, isArgumentsObject, isBigIntObject, isBooleanObject, isNumberObject, isStringObject,
  isSymbolObject, isBoxedPrimitive, isDate, isRegExp, isPromise, isNativeError, isMap, isSet, isWeakMap, isWeakSet, isMapIterator,
  isSetIterator, isGeneratorObject, isModuleNamespaceObject, isAsyncFunction, isGeneratorFunction, isArrayBuffer, isAnyArrayBuffer,
  isArrayBufferView, isDataView, isTypedArray, isUint8Array, isUint8ClampedArray, isUint16Array, isUint32Array, isInt8Array, isInt16Array,
  isInt32Array, isFloat32Array, isFloat64Array, isBigInt64Array, isBigUint64Array, isCryptoKey, isKeyObject,
};
