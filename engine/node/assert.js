// node:assert

import { inspect, isEqual } from "node:util";

export class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message ?? `${inspect(actual)} ${operator} ${inspect(expected)}`);
    this.name = "AssertionError";
    this.code = "ERR_ASSERTION";
    this.generatedMessage = message === undefined;
    Object.assign(this, { actual, expected, operator });
  }
}

function check(isTrue, message, actual, expected, operator, said) {
  if (isTrue) return;
  if (message instanceof Error) throw message;
  const error = new AssertionError({ message: message ?? said, actual, expected, operator });
  error.generatedMessage = message === undefined;
  throw error;
}

export const ok = (value, message) =>
  check(value, message, value, true, "==", "The expression evaluated to a falsy value");
export const equal = (a, b, message) => check(a == b || (Number.isNaN(a) && Number.isNaN(b)), message, a, b, "==");
export const notEqual = (a, b, message) => check(a != b && !(Number.isNaN(a) && Number.isNaN(b)), message, a, b, "!=");
export const strictEqual = (a, b, message) => check(Object.is(a, b), message, a, b, "strictEqual");
export const notStrictEqual = (a, b, message) => check(!Object.is(a, b), message, a, b, "notStrictEqual");
export const deepEqual = (a, b, message) => check(isEqual(a, b, false, new Map()), message, a, b, "deepEqual");
export const notDeepEqual = (a, b, message) => check(!isEqual(a, b, false, new Map()), message, a, b, "notDeepEqual");
export const deepStrictEqual = (a, b, message) => check(isEqual(a, b, true, new Map()), message, a, b, "deepStrictEqual");
export const notDeepStrictEqual = (a, b, message) => check(!isEqual(a, b, true, new Map()), message, a, b, "notDeepStrictEqual");
export const match = (text, pattern, message) => check(pattern.test(text), message, text, pattern, "match");
export const doesNotMatch = (text, pattern, message) => check(!pattern.test(text), message, text, pattern, "doesNotMatch");
export const fail = (message = "Failed") => check(false, message, undefined, undefined, "fail");

export function ifError(value) {
  if (value !== null && value !== undefined) throw value;
}

/** Whether an error is the one that was expected: a class, a pattern, a function or properties. */
function isExpected(error, expected) {
  if (expected === undefined || typeof expected === "string") return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected !== "function") {
    return Object.keys(expected).every((key) =>
      expected[key] instanceof RegExp ? expected[key].test(error[key]) : isEqual(error[key], expected[key], true, new Map())
    );
  }
  if (expected.prototype !== undefined && error instanceof expected) return true;
  return !Error.isPrototypeOf(expected) && expected !== Error && expected.call({}, error) === true;
}

const saying = (expected, message) => (typeof expected === "string" ? expected : message);

export function throws(run, expected, message) {
  try {
    run();
  } catch (error) {
    if (isExpected(error, expected)) return;
    throw error;
  }
  check(false, saying(expected, message), undefined, expected, "throws", "Missing expected exception");
}

export function doesNotThrow(run, expected, message) {
  try {
    run();
  } catch (error) {
    check(false, saying(expected, message), error, expected, "doesNotThrow", `Got unwanted exception: ${error?.message}`);
  }
}

export async function rejects(promise, expected, message) {
  try {
    await (typeof promise === "function" ? promise() : promise);
  } catch (error) {
    if (isExpected(error, expected)) return;
    throw error;
  }
  check(false, saying(expected, message), undefined, expected, "rejects", "Missing expected rejection");
}

export async function doesNotReject(promise, expected, message) {
  try {
    await (typeof promise === "function" ? promise() : promise);
  } catch (error) {
    check(false, saying(expected, message), error, expected, "doesNotReject", `Got unwanted rejection: ${error?.message}`);
  }
}

const all = {
  AssertionError, ok, equal, notEqual, strictEqual, notStrictEqual, deepEqual, notDeepEqual, deepStrictEqual, notDeepStrictEqual, match,
  doesNotMatch, fail, ifError, throws, doesNotThrow, rejects, doesNotReject,
};
const assert = Object.assign((value, message) => ok(value, message), all);

export const strict = Object.assign((value, message) => ok(value, message), all, {
  equal: strictEqual,
  notEqual: notStrictEqual,
  deepEqual: deepStrictEqual,
  notDeepEqual: notDeepStrictEqual,
});
strict.strict = strict;
assert.strict = strict;

export default assert;
