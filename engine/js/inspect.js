// Values as text for the log, in the manner of Node's util.inspect.

import { native } from "./native.js";

const DEEPEST = 4;
const MOST_ENTRIES = 100;
const LONGEST_STRING = 10_000;
const WIDEST_LINE = 76;

/** console.log's arguments as one text: %s and its kin first, then each value. */
export function formatWithDirectives(values) {
  if (values.length === 1 || typeof values[0] !== "string") return values.map(show).join(" ");
  const rest = values.slice(1);
  const first = values[0].replace(/%([sdifjoOc%])/g, (directive, kind) => {
    if (kind === "%") return "%";
    if (rest.length === 0) return directive;
    const value = rest.shift();
    switch (kind) {
      case "s": return typeof value === "object" && value !== null ? inspect(value) : String(value);
      case "d": return typeof value === "bigint" ? `${value}n` : String(Number(value));
      case "i": return String(Math.trunc(Number(value)));
      case "f": return String(Number(value));
      case "j": return JSON.stringify(value);
      case "c": return "";
      default: return inspect(value);
    }
  });
  return [first, ...rest.map(show)].join(" ");
}

const show = (value) => (typeof value === "string" ? value : inspect(value));

/** A value as text. Never throws, and runs no code of a proxy. */
export function inspect(value) {
  try {
    return text(value, { depth: 0, open: [] });
  } catch {
    return "[a value that cannot be shown]";
  }
}

/** Name and message, the stack below, and what caused it. */
export function describeError(error, state = { depth: 0, open: [] }) {
  const parts = [stackOf(error)];
  const shown = Object.keys(error).filter((key) => key !== "stack" && key !== "message" && key !== "name");
  const inner = { depth: state.depth + 1, open: [...state.open, error] };
  if (inner.depth <= DEEPEST) {
    if (shown.length > 0) parts.push(` { ${shown.map((key) => `${keyText(key)}: ${text(error[key], inner)}`).join(", ")} }`);
    if (error.cause !== undefined) parts.push(`\n  [cause]: ${text(error.cause, inner)}`);
    if (Array.isArray(error.errors)) parts.push(`\n  [errors]: ${text(error.errors, inner)}`);
  }
  return parts.join("");
}

/** The stack's first line says what was thrown as it was when the stack was made: name and message may be others by now. */
function stackOf(error) {
  const title = titleOf(error);
  const stack = typeof error.stack === "string" ? error.stack.trimEnd() : "";
  if (stack.startsWith(title)) return stack;
  const frames = stack.indexOf("\n    at ");
  if (frames >= 0) return title + stack.slice(frames);
  return stack === "" ? title : `${title}\n${stack}`;
}

function titleOf(error) {
  const name = typeof error.name === "string" ? error.name : "Error";
  const message = typeof error.message === "string" ? error.message : "";
  return message === "" ? name : `${name}: ${message}`;
}

function text(value, state) {
  switch (typeof value) {
    case "string": return quote(value);
    case "bigint": return `${value}n`;
    case "number": return Object.is(value, -0) ? "-0" : String(value);
    case "object":
    case "function": return value === null ? "null" : objectText(value, state);
    default: return String(value);
  }
}

function quote(value) {
  const cut = value.length > LONGEST_STRING ? `${value.slice(0, LONGEST_STRING)}…` : value;
  const mark = !cut.includes("'") ? "'" : !cut.includes('"') ? '"' : !cut.includes("`") ? "`" : "'";
  const escaped = cut.replace(/[\\\n\r\t\0]/g, (it) => ({ "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\x00" })[it]);
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}

const DENO_INSPECT = Symbol.for("Deno.privateCustomInspect");
const NODE_INSPECT = Symbol.for("nodejs.util.inspect.custom");

function objectText(value, state) {
  if (native.is_proxy(value)) return `[Proxy ${text(native.proxy_target(value), state)}]`;
  if (state.open.includes(value)) return "[Circular]";
  if (value instanceof Error) return state.depth === 0 ? describeError(value, state) : `[${describeError(value, state)}]`;
  if (state.depth > DEEPEST) return Array.isArray(value) ? "[Array]" : `[${nameOf(value) || "Object"}]`;
  const inner = { depth: state.depth + 1, open: [...state.open, value] };
  const custom = value[DENO_INSPECT] ?? value[NODE_INSPECT];
  if (typeof custom === "function") {
    const shown = value[DENO_INSPECT] === custom
      ? custom.call(value, (it) => (it === value ? plainText(it, inner) : text(it, inner)), {})
      : custom.call(value, DEEPEST - state.depth, {}, inspect);
    return typeof shown === "string" ? shown : text(shown, inner);
  }
  return plainText(value, inner);
}

function plainText(value, inner) {
  const [title, entries, open, close] = shape(value, inner);
  const all = [...entries, ...propertyEntries(value, inner)];
  const before = title === "" ? "" : `${title} `;
  if (all.length === 0) return open === "" ? title : `${before}${open}${close}`;
  const [left, right] = open === "" ? ["{", "}"] : [open, close];
  const line = `${before}${left} ${all.join(", ")} ${right}`;
  if (line.length <= WIDEST_LINE && !line.includes("\n")) return line;
  return `${before}${left}\n${all.map((entry) => `  ${entry.replaceAll("\n", "\n  ")}`).join(",\n")}\n${right}`;
}

/** [title, entries, opening, closing]; without brackets the title alone says it. */
function shape(value, inner) {
  const name = nameOf(value);
  if (Array.isArray(value)) {
    const shown = Array.from(value.slice(0, MOST_ENTRIES), (item, index) => (index in value ? text(item, inner) : "<empty>"));
    const title = name === "Array" ? "" : `${name}(${value.length})`;
    return [title, withRest(shown, value.length), "[", "]"];
  }
  if (value instanceof Map) {
    const shown = [...value].slice(0, MOST_ENTRIES).map(([key, item]) => `${text(key, inner)} => ${text(item, inner)}`);
    return [`${name}(${value.size})`, withRest(shown, value.size), "{", "}"];
  }
  if (value instanceof Set) {
    const shown = [...value].slice(0, MOST_ENTRIES).map((item) => text(item, inner));
    return [`${name}(${value.size})`, withRest(shown, value.size), "{", "}"];
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const shown = Array.from(value.subarray(0, MOST_ENTRIES), (item) => text(item, inner));
    return [`${name}(${value.length})`, withRest(shown, value.length), "[", "]"];
  }
  if (native.is_array_buffer(value)) return ["ArrayBuffer", [`byteLength: ${value.byteLength}`], "{", "}"];
  if (value instanceof Date) return [Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString(), [], "", ""];
  if (value instanceof RegExp) return [String(value), [], "", ""];
  if (value instanceof Promise) return ["Promise", [promiseText(value, inner)], "{", "}"];
  if (
    value instanceof String || value instanceof Number || value instanceof Boolean || value instanceof BigInt ||
    value instanceof Symbol
  ) {
    return [`[${name}: ${text(value.valueOf(), inner)}]`, [], "", ""];
  }
  if (typeof value === "function") {
    const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : name || "Function";
    return [`[${kind}${value.name ? `${kind === "class" ? "" : ":"} ${value.name}` : " (anonymous)"}]`, [], "", ""];
  }
  if (Object.getPrototypeOf(value) === null) return ["[Object: null prototype]", [], "{", "}"];
  const tag = value[Symbol.toStringTag];
  const title = name === "Object" ? "" : name;
  return [typeof tag === "string" && tag !== "" && tag !== name ? `${name} [${tag}]` : title, [], "{", "}"];
}

function promiseText(promise, inner) {
  const [state, result] = native.promise_state(promise);
  if (state === 0) return "<pending>";
  return state === 1 ? text(result, inner) : `<rejected> ${text(result, inner)}`;
}

function withRest(shown, count) {
  return count > MOST_ENTRIES ? [...shown, `... ${count - MOST_ENTRIES} more`] : shown;
}

function propertyEntries(value, inner) {
  const isIndexed = Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof String;
  const entries = [];
  for (const key of Reflect.ownKeys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (!property?.enumerable || (isIndexed && typeof key === "string" && /^\d+$/.test(key))) continue;
    // The classes keep their insides under symbols.
    if (typeof key === "symbol" && HIDDEN.test(key.description ?? "")) continue;
    entries.push(`${keyText(key)}: ${propertyText(property, inner)}`);
    if (entries.length >= MOST_ENTRIES) break;
  }
  return entries;
}

const HIDDEN = /^\[\[|^\[|^(headers|header|guard|request|response|body|url|signal|list|lowercase|iterable|serve|lazy|mime|get|query)/;

function propertyText(property, inner) {
  if (property.get) return property.set ? "[Getter/Setter]" : "[Getter]";
  return property.set ? "[Setter]" : text(property.value, inner);
}

function keyText(key) {
  if (typeof key === "symbol") return `[${String(key)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
}

function nameOf(value) {
  for (let it = value; it !== null; it = Object.getPrototypeOf(it)) {
    const property = Object.getOwnPropertyDescriptor(it, "constructor");
    if (typeof property?.value === "function" && property.value.name !== "") return property.value.name;
  }
  return "";
}
