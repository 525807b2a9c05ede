// Headers over operations in Rust (src/ops/headers.rs), in the shape that Deno's Request and Response expect. A header list is
// an array of [name, value]; that of a visitor's request is made only when somebody asks for more than single headers.

const { native } = require("../native.js");
const webidl = require("ext:deno_webidl/00_webidl.js");
const { collectHttpQuotedString, collectSequenceOfCodepoints } = require("ext:deno_web/00_infra.js");

const entriesOf = Symbol("iterable headers");

const text = (value) => (typeof value === "string" ? value : webidl.converters.ByteString(value));

// What only this file and Deno's classes may do with one.
let make, listOf, guardOf, isOne;

class Headers {
  // An array, or what gives one: an object with `headerList` and `header(name)`.
  #list = [];
  #guard = "none";
  #lowered = null;

  constructor(init = undefined) {
    if (init === webidl.brand || init === undefined) return;
    if (init === null || (typeof init !== "object" && typeof init !== "function")) {
      throw new TypeError("Failed to construct 'Headers': The value is neither a record nor a sequence of headers");
    }
    fillHeaderList(this.#list, init, "Failed to construct 'Headers'", "Argument 1");
  }

  append(name, value) {
    if (arguments.length < 2) missing("append", 2, arguments.length);
    native.append_header(this.#writable(), text(name), text(value));
  }

  delete(name) {
    if (arguments.length < 1) missing("delete", 1, arguments.length);
    native.delete_header(this.#writable(), text(name));
  }

  get(name) {
    if (arguments.length < 1) missing("get", 1, arguments.length);
    const list = this.#list;
    return Array.isArray(list) ? native.get_header(list, text(name)) : list.header(text(name));
  }

  getSetCookie() {
    return listOf(this).filter(([name]) => name.toLowerCase() === "set-cookie").map(([, value]) => value);
  }

  has(name) {
    if (arguments.length < 1) missing("has", 1, arguments.length);
    const list = this.#list;
    return Array.isArray(list) ? native.has_header(list, text(name)) : list.header(text(name)) !== null;
  }

  set(name, value) {
    if (arguments.length < 2) missing("set", 2, arguments.length);
    native.set_header(this.#writable(), text(name), text(value));
  }

  /** What iterating gives: names in lower case and in order. */
  get [entriesOf]() {
    if (this.#guard !== "immutable") return native.lowered_headers(listOf(this));
    return (this.#lowered ??= native.lowered_headers(listOf(this)));
  }

  [Symbol.for("Deno.privateCustomInspect")](inspect) {
    return `Headers ${inspect(Object.fromEntries(this))}`;
  }

  #writable() {
    if (this.#guard === "immutable") {
      throw new TypeError("Cannot change headers: they are immutable. Make new ones from them, or a new Request or Response");
    }
    return listOf(this);
  }

  static {
    make = (list, guard) => {
      const headers = new Headers(webidl.brand);
      headers.#list = list;
      headers.#guard = guard;
      return headers;
    };
    listOf = (headers) => {
      if (!Array.isArray(headers.#list)) headers.#list = headers.#list.headerList;
      return headers.#list;
    };
    guardOf = (headers) => headers.#guard;
    isOne = (value) => typeof value === "object" && value !== null && #list in value;
  }
}

function missing(method, wanted, given) {
  throw new TypeError(`Failed to execute '${method}' on 'Headers': ${wanted} arguments required, but only ${given} present`);
}

/** Into a list that is new: nobody has guarded it yet. */
function fillHeaderList(list, object, prefix, context) {
  if (isOne(object)) {
    for (const [name, value] of object[entriesOf]) list.push([name, value]);
  } else if (object[Symbol.iterator] === undefined) {
    if (native.fill_headers(list, object)) return;
    for (const [name, value] of Object.entries(object)) native.append_header(list, text(name), text(value));
  } else {
    for (const pair of webidl.converters["sequence<sequence<ByteString>>"](object, prefix, context)) {
      if (pair.length !== 2) throw new TypeError(`${prefix}: A header must be [name, value], but has ${pair.length} parts`);
      native.append_header(list, pair[0], pair[1]);
    }
  }
}

function fillHeaders(headers, object) {
  fillHeaderList(listOf(headers), object, "Failed to fill headers", "Argument 1");
}

/** Fetch §2.2.2, "get, decode, and split" */
function getDecodeSplitHeader(list, name) {
  const value = native.get_header(list, name);
  if (value === null) return null;
  const values = [];
  let part = "";
  let position = 0;
  while (position < value.length) {
    const found = collectSequenceOfCodepoints(value, position, (it) => it !== '"' && it !== ",");
    part += found.result;
    position = found.position;
    if (value[position] === '"') {
      const quoted = collectHttpQuotedString(value, position, false);
      part += quoted.result;
      position = quoted.position;
      if (position < value.length) continue;
    } else {
      position += 1;
    }
    values.push(part.replace(/^[\t ]+|[\t ]+$/g, ""));
    part = "";
  }
  return values;
}

// The iterators check it.
Headers.prototype[webidl.brand] = webidl.brand;
webidl.mixinPairIterable("Headers", Headers, entriesOf, 0, 1);
webidl.configureInterface(Headers);

// Deno's classes convert before they fill; here filling converts.
webidl.converters.HeadersInit = (value, prefix, context) => {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    throw webidl.makeException(TypeError, "The value is neither a record nor a sequence of headers", prefix, context);
  }
  return value;
};
webidl.converters.Headers = webidl.createInterfaceConverter("Headers", Headers.prototype);

module.exports = {
  fillHeaderList,
  fillHeaders,
  getDecodeSplitHeader,
  getHeader: native.get_header,
  guardFromHeaders: guardOf,
  headerListFromHeaders: listOf,
  Headers,
  headersEntries: (headers) => headers[entriesOf],
  headersFromHeaderList: make,
  headersFromHeaderListLazyTarget: make,
};
