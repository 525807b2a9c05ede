// console: lines for the tenant's log.

import { describeError, formatWithDirectives, inspect } from "./inspect.js";
import { native } from "./native.js";

const DEBUG = 0, LOG = 1, INFO = 2, WARN = 3, ERROR = 4;

export function logUncaught(what, error) {
  native.log(ERROR, `${what} ${error instanceof Error ? describeError(error) : inspect(error)}`);
}

let indent = "";
const counts = new Map();
const timers = new Map();

function write(level, values) {
  const text = formatWithDirectives(values);
  native.log(level, indent === "" ? text : indent + text.replaceAll("\n", `\n${indent}`));
}

const at = (level) => (...values) => write(level, values);

export const console = {
  debug: at(DEBUG),
  log: at(LOG),
  info: at(INFO),
  warn: at(WARN),
  error: at(ERROR),
  trace(...values) {
    const stack = new Error().stack.split("\n").slice(1).join("\n").trimEnd();
    write(LOG, [`Trace: ${formatWithDirectives(values)}\n${stack}`]);
  },
  assert(isTrue, ...values) {
    if (isTrue) return;
    write(ERROR, values.length === 0 ? ["Assertion failed"] : ["Assertion failed:", ...values]);
  },
  dir(value) {
    write(LOG, [inspect(value)]);
  },
  dirxml: at(LOG),
  table: at(LOG),
  group(...values) {
    if (values.length > 0) write(LOG, values);
    indent += "  ";
  },
  groupCollapsed(...values) {
    console.group(...values);
  },
  groupEnd() {
    indent = indent.slice(2);
  },
  count(label = "default") {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    write(LOG, [`${label}: ${counts.get(label)}`]);
  },
  countReset(label = "default") {
    counts.delete(label);
  },
  time(label = "default") {
    timers.set(label, native.now_us());
  },
  timeLog(label = "default", ...values) {
    write(LOG, [elapsed(label), ...values]);
  },
  timeEnd(label = "default") {
    write(LOG, [elapsed(label)]);
    timers.delete(label);
  },
  timeStamp() {},
  profile() {},
  profileEnd() {},
  clear() {},
};

function elapsed(label) {
  const start = timers.get(label);
  return start === undefined ? `${label}: no such timer` : `${label}: ${((native.now_us() - start) / 1000).toFixed(3)}ms`;
}
