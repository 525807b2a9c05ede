// What Deno's scripts expect around them: `core`, its operations, and the copies of the built-ins.

const { native } = require("./native.js");
const primordials = require("ext:deno_core/00_primordials.js");

primordials.setQueueMicrotask(queueMicrotask);

const typedArrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;

const isArrayBuffer = native.is_array_buffer;
const isTypedArray = (value) => typeof value === "object" && value !== null && typedArrayTag.call(value) !== undefined;

/** The operations take Uint8Array and ArrayBuffer; this makes one of the other views. */
function bytes(view) {
  if (view instanceof Uint8Array || isArrayBuffer(view)) return view;
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

// Blobs are bytes in JavaScript's memory, held by number.
const parts = new Map();
let lastPart = 0;

function keepPart(content) {
  const id = String(++lastPart);
  parts.set(id, content);
  return id;
}

const URL_PARTS = 8;

const ops = {
  ...native,
  isByteString: native.is_byte_string,
  op_encoding_decode_utf8: (data, keepsMark) => native.decode(bytes(data), keepsMark),
  op_encoding_decode_utf8_ascii_only: (data) => native.op_encoding_decode_utf8_ascii_only(bytes(data)),
  op_encoding_decode_single: (data, label, isFatal, keepsMark) =>
    native.op_encoding_decode_single(bytes(data), label, isFatal, keepsMark),
  op_encoding_decode: (data, decoder, isMore) => native.op_encoding_decode(bytes(data), decoder, isMore),
  // -1 sends the caller to the operation that is not bound to V8.
  op_encoding_encode_into: () => -1,
  op_blob_create_part: (data) => keepPart(new Uint8Array(bytes(data))),
  op_blob_slice_part: (id, { start, len }) => keepPart(parts.get(id).subarray(start, start + len)),
  op_blob_clone_part: (id) => keepPart(parts.get(id)),
  // A copy: a byte stream takes the buffer of what it is given away.
  op_blob_read_part: async (id) => parts.get(id).slice(),
  op_blob_remove_part: (id) => parts.delete(id),
  op_compression_write: (stream, data) => native.op_compression_write(stream, bytes(data)),
  op_urlpattern_parse: (input, base, options) =>
    JSON.parse(native.urlpattern_parse(JSON.stringify(input), base, options.ignoreCase)),
  op_urlpattern_process_match_input(input, base, starts) {
    const json = native.urlpattern_match(JSON.stringify(input), base);
    if (json === null) return null;
    const found = JSON.parse(json);
    starts[0] = 0;
    for (let i = 0; i < URL_PARTS; i++) starts[i + 1] = starts[i] + found[i].length;
    return found.join("");
  },
};

const core = {
  ops,
  build: { os: "linux" },
  isArrayBuffer,
  isAnyArrayBuffer: isArrayBuffer,
  // The engine has no shared memory.
  isSharedArrayBuffer: () => false,
  isTypedArray,
  isDataView: (value) => value instanceof DataView,
  isStringObject: (value) => value instanceof String,
  isProxy: native.is_proxy,
  hostObjectBrand: Symbol("host object"),
  internalRidSymbol: Symbol("resource"),
  BadResourcePrototype: {},
  InterruptedPrototype: {},
  encode: native.encode,
  decode: (data) => native.decode(bytes(data)),
  print: (line) => native.log(4, line),
  registerTransferableResource() {},
  registerCloneableResource() {},
  tryClose() {},
  refTimer() {},
  unrefTimer() {},
  createSystemTimer: (callback, delay) => require("./timers.js").setTimeout(callback, delay),
  cancelTimer: (id) => require("./timers.js").clearTimeout(id),
  destructureError: (error) => ({ exceptionMessage: String(error?.message ?? error), frames: [] }),
  reportUnhandledException: (error) => require("./console.js").logUncaught("Uncaught", error),
};

module.exports = { core, internals: {}, primordials };
