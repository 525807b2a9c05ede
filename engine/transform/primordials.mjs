// Deno's scripts call every built-in through a copy that a page cannot have patched: ArrayPrototypePush(list, x). On QuickJS
// such a call costs a bound function and a second call, and there is nobody to protect: each tenant has an engine of its own,
// and may break it. So the calls become what they stand for: list.push(x).

import * as acorn from "acorn";
import * as walk from "acorn-walk";
import MagicString from "magic-string";

const CLASSES = [
  "Array", "ArrayBuffer", "BigInt", "Boolean", "DataView", "Date", "Error", "FinalizationRegistry", "Function", "Map", "Number",
  "Object", "RegExp", "Set", "String", "Symbol", "WeakMap", "WeakRef", "WeakSet", "TypedArray", "Promise", "Uint8Array",
  "ArrayIterator", "SetIterator", "MapIterator", "Generator", "AsyncGenerator",
];
const PROTOTYPE_CALL = new RegExp(`^(${CLASSES.join("|")})Prototype([A-Z][A-Za-z0-9]*)$`);

// These ask about any value, also one whose own method has another meaning or that has none.
const KEPT = new Set([
  "ErrorPrototypeToString",
  "FunctionPrototypeToString",
  "ObjectPrototypeHasOwnProperty",
  "ObjectPrototypePropertyIsEnumerable",
  "ObjectPrototypeToString",
  "TypedArrayPrototypeGetSymbolToStringTag",
]);

// Methods whose names begin like those of getters.
const METHODS_WITH_GET = /^Get(Time|Date|Day|Hours|Minutes|Seconds|Month|FullYear|UTC|Int|Uint|Float|Big)/;

/** The script with direct calls, and how many there are. */
export function directCalls(source) {
  const tree = acorn.parse(source, { ecmaVersion: "latest", allowReturnOutsideFunction: true });
  const text = new MagicString(source);
  let count = 0;
  walk.full(tree, (node) => {
    const call = node.type === "CallExpression" && !node.optional && node.callee.type === "Identifier" && node;
    const access = call && accessFor(call);
    if (access) {
      rewrite(text, call, access);
      count += 1;
    }
  });
  return { source: text.toString(), count };
}

/** What follows the object: `.push(`, `.apply(null, `, `.length`. */
function accessFor(call) {
  const name = call.callee.name;
  const match = PROTOTYPE_CALL.exec(name);
  const [first] = call.arguments;
  if (!match || KEPT.has(name) || !first || first.type === "SpreadElement") return null;
  let [, type, method] = match;
  if (name.endsWith("Apply") && name !== "FunctionPrototypeApply") return null;
  const isGetter = /^Get[A-Z]/.test(method) && call.arguments.length === 1 && !METHODS_WITH_GET.test(method) &&
    type !== "Map" && type !== "WeakMap";
  if (isGetter) method = method.slice(3);
  const property = /^Symbol[A-Z]/.test(method)
    ? `[Symbol.${method[6].toLowerCase()}${method.slice(7)}]`
    : `.${method[0].toLowerCase()}${method.slice(1)}`;
  return { property, isGetter };
}

function rewrite(text, call, { property, isGetter }) {
  const [first, second] = call.arguments;
  const isPlain = ["Identifier", "MemberExpression", "CallExpression", "ThisExpression"].includes(first.type);
  text.overwrite(call.callee.start, first.start, isPlain ? "" : "(");
  const open = (isPlain ? "" : ")") + property + (isGetter ? "" : "(");
  if (second) {
    text.overwrite(first.end, second.start, open);
  } else {
    text.overwrite(first.end, call.end, open + (isGetter ? "" : ")"));
  }
}
