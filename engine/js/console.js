// console: lines for the tenant's log.

import { describeError, formatWithDirectives, inspect } from "./inspect.js";
import { tableOf } from "./table.js";
import { native } from "./native.js";

const DEBUG = 0, LOG = 1, INFO = 2, WARN = 3, ERROR = 4;

export function logUncaught(what, error) {
  native.log(ERROR, `${what} ${error instanceof Error ? describeError(error) : inspect(error)}`);
}

let indent = "";
const counts = new Map();
const timers = new Map();

function write(level, values) {
  writeText(level, formatWithDirectives(values));
}

function writeText(level, text) {
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
    const frames = new Error().stack.split("\n").slice(1);
    const title = values.length === 0 ? "Trace" : `Trace: ${formatWithDirectives(values)}`;
    writeText(LOG, [title, ...frames].join("\n"));
  },
  assert(isTrue, ...values) {
    if (isTrue) return;
    const text = values.length === 0 ? "" : `: ${formatWithDirectives(values)}`;
    writeText(ERROR, `Assertion failed${typeof values[0] === "string" ? text : text.slice(1)}`);
  },
  dir(value) {
    write(LOG, [inspect(value)]);
  },
  dirxml: at(LOG),
  table(data = undefined, columns = undefined) {
    if (typeof data !== "object" || data === null) return write(LOG, [data]);
    writeText(LOG, tableOf(data, columns));
  },
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
    const name = String(label);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    writeText(LOG, `${name}: ${counts.get(name)}`);
  },
  countReset(label = "default") {
    if (!counts.delete(String(label))) writeText(WARN, `Count for '${label}' does not exist`);
  },
  time(label = "default") {
    const name = String(label);
    if (timers.has(name)) return writeText(WARN, `Label '${name}' already exists for console.time()`);
    timers.set(name, native.now_us());
  },
  timeLog(label = "default", ...values) {
    const text = elapsed(String(label), "timeLog");
    if (text !== null) writeText(LOG, [text, ...values.map((value) => formatWithDirectives([value]))].join(" "));
  },
  timeEnd(label = "default") {
    const text = elapsed(String(label), "timeEnd");
    if (text !== null) writeText(LOG, text);
    timers.delete(String(label));
  },
  timeStamp() {},
  profile() {},
  profileEnd() {},
  clear() {},
};

/** Time stands still while a worker computes, so this counts what it has waited. */
function elapsed(name, method) {
  const start = timers.get(name);
  if (start === undefined) {
    writeText(WARN, `No such label '${name}' for console.${method}()`);
    return null;
  }
  return `${name}: ${((native.now_us() - start) / 1000).toFixed(3)}ms`;
}
