// WebAssembly, for modules that were uploaded with the worker (WebAssembly JavaScript Interface). As on Cloudflare there is no
// code from bytes. What lies behind these classes is in src/wasm.

import { atob } from "./base64.js";
import { native } from "./native.js";

const webidl = require("ext:deno_webidl/00_webidl.js");

class CompileError extends Error {}
class LinkError extends Error {}
class RuntimeError extends Error {}
for (const [name, error] of Object.entries({ CompileError, LinkError, RuntimeError })) {
  Object.defineProperty(error, "name", { value: name, configurable: true });
  Object.defineProperty(error.prototype, "name", { value: name, writable: true, configurable: true, enumerable: false });
}

// The numbers of src/runtime/javascript/wasm/mod.rs, and V8's words.
const TRAPS = {
  2: "memory access out of bounds",
  3: "table index is out of bounds",
  4: "null function or function signature mismatch",
  5: "unreachable",
  6: "divide by zero",
  7: "divide result unrepresentable",
  8: "remainder by zero",
  9: "float unrepresentable in integer range",
};

const TOO_MANY = 11;

export function trap(kind) {
  if (kind in TRAPS) throw new RuntimeError(TRAPS[kind]);
  if (kind === TOO_MANY) throw new RangeError("a request cannot use so many WebAssembly instances");
  throw new RangeError("Maximum call stack size exceeded");
}

/** What a module's function gives where several results are expected. */
export function list(values, count) {
  const all = [...values];
  if (all.length !== count) throw new TypeError("multi-return length mismatch");
  return all;
}

const LETTERS = { i32: "i", i64: "I", f32: "f", f64: "F", v128: "v", externref: "e", anyfunc: "a", funcref: "a" };

const PAGES_MAX = 65_536, LENGTH_MAX = 10_000_000, VALIDATED_BYTES_MAX = 256 * 1024;

/** A secret that lets our own code make an object with the number it already has. */
const MADE = Symbol("made");

/** Numbers of the WebIDL type [EnforceRange] unsigned long, within a bound. */
function limit(where, name, value, max) {
  const number = Math.trunc(Number(value));
  if (!Number.isFinite(number)) throw new TypeError(`${where}: Property '${name}': value ${String(value)} is not a finite number`);
  if (number < 0) throw new TypeError(`${where}: Property '${name}': value ${number} is below the lower bound`);
  if (number > max) throw new TypeError(`${where}: Property '${name}': value ${number} is above the upper bound`);
  return number;
}

function limits(where, descriptor, max) {
  if (Object(descriptor) !== descriptor) throw new TypeError(`${where}: Argument 0 must be a descriptor`);
  const initial = descriptor.initial ?? descriptor.minimum;
  if (initial === undefined) throw new TypeError(`${where}: Property 'initial' is required`);
  const first = limit(where, "initial", initial, max);
  const last = descriptor.maximum === undefined ? null : limit(where, "maximum", descriptor.maximum, 0xffff_ffff);
  if (last !== null && last < first) throw new RangeError(`${where}: Property 'maximum': value ${last} is below the lower bound ${first}`);
  return [first, last];
}

// The objects of what instances have made, by number: each is always the same one.
const memories = new Map(), tables = new Map(), globals = new Map();

class Memory {
  #number;
  #maximum;

  constructor(descriptor, number, maximum) {
    if (descriptor === MADE) {
      this.#number = number;
      this.#maximum = maximum;
    } else {
      const where = "WebAssembly.Memory()";
      const [first, last] = limits(where, descriptor, PAGES_MAX);
      if (descriptor.shared) throw new TypeError(`${where}: shared memories are not supported`);
      this.#number = native.wasm_memory(first, last);
      this.#maximum = last;
      if (this.#number === null) throw new RangeError(`${where}: could not allocate memory`);
    }
    memories.set(this.#number, this);
  }

  grow(delta) {
    const where = "WebAssembly.Memory.grow()";
    const pages = limit(where, "delta", delta, 0xffff_ffff);
    const before = native.wasm_grow(this.#number, pages);
    if (before === null) throw new RangeError(`${where}: Maximum memory size exceeded`);
    return before;
  }

  get buffer() {
    return native.wasm_buffer(this.#number);
  }

  static number(memory) {
    return Object(memory) === memory && #number in memory ? memory.#number : undefined;
  }

  static maximum(memory) {
    return memory.#maximum;
  }
}

class Table {
  #number;
  #maximum;
  #letter;

  constructor(descriptor, value, number, letter, maximum) {
    if (descriptor === MADE) {
      this.#number = number;
      this.#letter = letter;
      this.#maximum = maximum;
    } else {
      const where = "WebAssembly.Table()";
      const [first, last] = limits(where, descriptor, LENGTH_MAX);
      this.#letter = LETTERS[descriptor.element];
      if (this.#letter !== "a" && this.#letter !== "e") {
        throw new TypeError(`${where}: Descriptor property 'element' must be a WebAssembly reference type`);
      }
      this.#maximum = last;
      this.#number = native.wasm_table(this.#letter === "e", first, last, arguments.length < 2 ? this.#missing() : value);
      if (this.#number === null) throw new RangeError(`${where}: could not allocate table`);
    }
    tables.set(this.#number, this);
  }

  #missing() {
    return this.#letter === "e" ? undefined : null;
  }

  get length() {
    return native.wasm_length(this.#number);
  }

  get(index) {
    const at = limit("WebAssembly.Table.get()", "index", index, 0xffff_ffff);
    if (at >= this.length) throw new RangeError(`WebAssembly.Table.get(): invalid address ${at} in table of size ${this.length}`);
    return native.wasm_get(this.#number, at);
  }

  set(index, value) {
    const where = "WebAssembly.Table.set()";
    const at = limit(where, "index", index, 0xffff_ffff);
    const given = arguments.length < 2 ? this.#missing() : value;
    if (at >= this.length) throw new RangeError(`${where}: invalid address ${at} in table of size ${this.length}`);
    native.wasm_set(this.#number, at, given);
  }

  grow(delta, value) {
    const where = "WebAssembly.Table.grow()";
    const by = limit(where, "delta", delta, 0xffff_ffff);
    const before = native.wasm_grow_table(this.#number, by, arguments.length < 2 ? this.#missing() : value);
    if (before === null) throw new RangeError(`${where}: failed to grow table by ${by}`);
    return before;
  }

  static number(table) {
    return Object(table) === table && #number in table ? table.#number : undefined;
  }

  static type(table) {
    return [table.#letter, table.#maximum];
  }
}

class Global {
  #number;
  #letter;
  #isMutable;

  constructor(descriptor, value, number, letter, isMutable) {
    if (descriptor === MADE) {
      this.#number = number;
      this.#letter = letter;
      this.#isMutable = isMutable;
    } else {
      const where = "WebAssembly.Global()";
      if (Object(descriptor) !== descriptor) throw new TypeError(`${where}: Argument 0 must be a global descriptor`);
      this.#isMutable = Boolean(descriptor.mutable);
      this.#letter = LETTERS[descriptor.value];
      if (this.#letter === undefined || this.#letter === "v") {
        throw new TypeError(`${where}: Descriptor property 'value' must be a WebAssembly type`);
      }
      const isMissing = value === undefined && this.#letter !== "e";
      this.#number = native.wasm_global(this.#letter, isMissing ? undefined : value);
    }
    globals.set(this.#number, this);
  }

  get value() {
    return native.wasm_read(this.#number);
  }

  set value(value) {
    if (!this.#isMutable) throw new TypeError("set WebAssembly.Global.value: Can't set the value of an immutable global.");
    native.wasm_write(this.#number, value);
  }

  valueOf() {
    return this.value;
  }

  static number(global) {
    return Object(global) === global && #number in global ? global.#number : undefined;
  }

  static type(global) {
    return [global.#letter, global.#isMutable];
  }
}

// Our own ways in are not the tenant's.
const { number: memoryOf, maximum: memoryMaximum } = Memory;
const { number: tableOf, type: tableType } = Table;
const { number: globalOf, type: globalType } = Global;
for (const [holder, ...names] of [[Memory, "number", "maximum"], [Table, "number", "type"], [Global, "number", "type"]]) {
  for (const name of names) delete holder[name];
}

class Module {
  #number;
  #outline;

  constructor(source, outline) {
    if (source !== MADE) {
      if (!isBytes(source)) throw new TypeError("WebAssembly.Module(): Argument 0 must be a buffer source");
      throw forbidden("WebAssembly.Module()");
    }
    this.#outline = JSON.parse(outline);
    this.#number = native.wasm_define(outline);
  }

  static exports(module) {
    return outlineOf("WebAssembly.Module.exports()", module)[1].exports.map(([name, kind]) => ({ name, kind }));
  }

  static imports(module) {
    return outlineOf("WebAssembly.Module.imports()", module)[1].imports.map(([from, name, kind]) => ({ module: from, name, kind }));
  }

  static customSections(module, name) {
    const [, outline] = outlineOf("WebAssembly.Module.customSections()", module);
    if (name === undefined) throw new TypeError("WebAssembly.Module.customSections(): Argument 1 is required");
    const sections = outline.custom.filter(([other]) => other === String(name));
    return sections.map(([, bytes]) => Uint8Array.from(atob(bytes), (byte) => byte.charCodeAt(0)).buffer);
  }

  static outline(module) {
    return Object(module) === module && #number in module ? [module.#number, module.#outline] : undefined;
  }
}

const { outline } = Module;
delete Module.outline;

function outlineOf(where, module) {
  const found = outline(module);
  if (found === undefined) throw new TypeError(`${where}: Argument 0 must be a WebAssembly.Module`);
  return found;
}

/** What `import module from "./a.wasm"` gives. */
export const module = (text) => new Module(MADE, text);

const isBytes = (value) => ArrayBuffer.isView(value) || native.is_array_buffer(value);

const forbidden = (where) => new CompileError(`${where}: Wasm code generation disallowed by embedder`);

class Instance {
  exports;

  constructor(module, imports) {
    const where = "WebAssembly.Instance()";
    outlineOf(where, module);
    link(this, where, module, imports);
  }
}

/** Looks the imports up, makes what the module has of its own, runs what it begins with. */
function link(instance, where, module, imports) {
  const [number, outline] = outlineOf(where, module);
  if (outline.imports.length > 0 && Object(imports) !== imports) {
    throw new TypeError(`${where}: Imports argument must be present and must be an object`);
  }
  const found = { function: [], table: [], memory: [], global: [] };
  outline.imports.forEach(([from, name, kind, index], at) => {
    const place = `${where}: Import #${at} "${from}"`;
    const holder = imports[from];
    if (Object(holder) !== holder) throw new TypeError(`${place}: module is not an object or function`);
    found[kind].push(imported[kind](`${place} "${name}"`, holder[name], outline, index, number));
  });
  const cells = outline.globals.map(([letter, isMutable, isCell], index) => {
    if (index < found.global.length) return found.global[index];
    return isCell ? native.wasm_global(letter, undefined) : undefined;
  });
  const memory = outline.memory === null ? null : (found.memory[0] ?? newMemory(where, outline.memory));
  const ownTables = outline.tables.map(([letter, first, last], index) => found.table[index] ?? newTable(where, letter, first, last));
  const letters = outline.globals.map(([letter, , isCell]) => (isCell ? "-" : letter)).join("");
  const made = native.wasm_instantiate(number, found.function, memory, ownTables, cells, letters);
  const exports = Object.create(null);
  for (const [name, kind, index] of outline.exports) {
    const value = {
      function: () => native.wasm_function(made, index),
      memory: () => memories.get(memory) ?? new Memory(MADE, memory, outline.memory[1]),
      table: () => tables.get(ownTables[index]) ?? new Table(MADE, null, ownTables[index], outline.tables[index][0], outline.tables[index][2]),
      global: () => globals.get(cells[index]) ?? new Global(MADE, null, cells[index], ...outline.globals[index]),
    }[kind]();
    Object.defineProperty(exports, name, { value, enumerable: true });
  }
  Object.defineProperty(instance, "exports", { value: Object.freeze(exports), enumerable: true, configurable: true });
}

function newMemory(where, [first, last]) {
  const memory = native.wasm_memory(first, last);
  if (memory === null) throw new RangeError(`${where}: Out of memory: Cannot allocate Wasm memory for new instance`);
  return memory;
}

function newTable(where, letter, first, last) {
  const table = native.wasm_table(letter === "e", first, last, null);
  if (table === null) throw new RangeError(`${where}: Out of memory: Cannot allocate Wasm table for new instance`);
  return table;
}

/** What each kind of import must be; gives what the instance is made with. */
const imported = {
  function(place, value, outline, index, number) {
    if (typeof value !== "function") throw new LinkError(`${place}: function import requires a callable`);
    const signature = native.wasm_signature(value);
    if (signature !== null && signature !== native.wasm_imported(number, index)) {
      throw new LinkError(`${place}: imported function does not match the expected type`);
    }
    return value;
  },
  memory(place, value, outline) {
    const memory = memoryOf(value);
    if (memory === undefined) throw new LinkError(`${place}: memory import must be a WebAssembly.Memory object`);
    const [first, last] = outline.memory;
    check(place, "memory", "pages", native.wasm_pages(memory), memoryMaximum(value), first, last);
    return memory;
  },
  table(place, value, outline, index) {
    const table = tableOf(value);
    if (table === undefined) throw new LinkError(`${place}: table import requires a WebAssembly.Table`);
    const [letter, first, last] = outline.tables[index];
    const [found, maximum] = tableType(value);
    if (found !== letter) throw new LinkError(`${place}: imported table does not match the expected type`);
    check(place, "table", "elements", native.wasm_length(table), maximum, first, last);
    return table;
  },
  global(place, value, outline, index) {
    const [letter, isMutable, isCell] = outline.globals[index];
    const cell = globalOf(value);
    if (cell !== undefined) {
      const [found, foundMutable] = globalType(value);
      if (foundMutable !== isMutable) throw new LinkError(`${place}: imported global does not match the expected mutability`);
      if (found !== letter) throw new LinkError(`${place}: imported global does not match the expected type`);
      return isCell ? cell : value.value;
    }
    if (isMutable) throw new LinkError(`${place}: imported mutable global must be a WebAssembly.Global object`);
    const expected = { i: "number", f: "number", F: "number", I: "bigint" }[letter];
    if (letter === "v" || (expected !== undefined && typeof value !== expected)) {
      const what = letter === "I" ? "a BigInt" : "a number, valid Wasm reference,";
      throw new LinkError(`${place}: global import must be ${what} or WebAssembly.Global object`);
    }
    if (letter === "a" && value !== null && native.wasm_signature(value) === null) {
      throw new LinkError(`${place}: imported funcref global must be null or WebAssembly function object`);
    }
    return isCell ? native.wasm_global(letter, value) : value;
  },
};

function check(place, what, unit, size, maximum, first, last) {
  if (size < first) throw new LinkError(`${place}: ${what} import has ${size} ${unit}, which is less than the required ${first} ${unit}`);
  if (last === null) return;
  if (maximum === null) throw new LinkError(`${place}: ${what} import has no maximum limit, expected at most ${last}`);
  if (maximum > last) throw new LinkError(`${place}: ${what} import has a larger maximum size ${maximum} than the module's declared maximum ${last}`);
}

async function instantiate(source, imports) {
  const where = "WebAssembly.instantiate()";
  if (outline(source) === undefined) {
    if (!isBytes(source)) throw new TypeError(`${where}: Argument 0 must be a buffer source or a WebAssembly.Module`);
    throw forbidden(where);
  }
  const instance = Object.create(Instance.prototype);
  link(instance, where, source, imports);
  return instance;
}

async function compile(source) {
  const where = "WebAssembly.compile()";
  if (!isBytes(source)) throw new TypeError(`${where}: Argument 0 must be a buffer source`);
  throw forbidden(where);
}

function validate(source) {
  const where = "WebAssembly.validate()";
  if (!isBytes(source)) throw new TypeError(`${where}: Argument 0 must be a buffer source`);
  const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
  if (bytes.length > VALIDATED_BYTES_MAX) throw new RangeError(`${where}: at most ${VALIDATED_BYTES_MAX} bytes are looked at here`);
  return native.wasm_validate(bytes);
}

const WebAssembly = {};
for (const [name, value] of Object.entries({ Module, Instance, Memory, Table, Global, CompileError, LinkError, RuntimeError, instantiate, compile, validate })) {
  Object.defineProperty(WebAssembly, name, { value, writable: true, configurable: true, enumerable: false });
}
for (const [name, value] of Object.entries({ WebAssembly, "WebAssembly.Module": Module, "WebAssembly.Instance": Instance, "WebAssembly.Memory": Memory, "WebAssembly.Table": Table, "WebAssembly.Global": Global })) {
  const target = name === "WebAssembly" ? WebAssembly : value.prototype;
  Object.defineProperty(target, Symbol.toStringTag, { value: name, configurable: true });
}
for (const [name, value] of Object.entries({ Module, Instance, Memory, Table, Global })) {
  // The bundler renames those that would hide each other.
  Object.defineProperty(value, "name", { value: name, configurable: true });
  // As objects of the platform they cannot be cloned.
  Object.defineProperty(value.prototype, webidl.brand, { value: webidl.brand });
}

export { WebAssembly };
