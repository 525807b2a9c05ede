// Key-value namespaces: env.KV.get(), put(), delete(), list(). The host holds keys, values and options against their limits.

import { HostBody } from "./body.js";
import { whenDone } from "./events.js";
import { native } from "./native.js";

const { Response } = require("ext:deno_fetch/23_response.js");
const { ReadableStream } = require("ext:deno_web/06_streams.js");

const GET = 20, GET_MANY = 21, PUT = 22, DELETE = 23, LIST = 24;
/** What a read found (engine/README.md). */
const SMALL = 1, LARGE = 2;
/** A longer stream is not read to its end: the host would refuse it. */
const VALUE_BYTES_MAX = 25 << 20;

const TYPES = ["text", "json", "arrayBuffer", "stream"];

export class KvNamespace {
  #binding;

  constructor(binding) {
    this.#binding = binding;
  }

  async get(key, options = undefined) {
    const found = await this.#read(key, options);
    if (!(found instanceof Map)) return found.value;
    for (const [name, { value }] of found) found.set(name, value);
    return found;
  }

  async getWithMetadata(key, options = undefined) {
    return await this.#read(key, options);
  }

  async put(key, value, options = undefined) {
    const bytes = await bytesOf(value);
    const { expiration, expirationTtl, metadata } = options ?? {};
    const described = metadata === undefined || metadata === null ? undefined : JSON.stringify(metadata);
    await done(PUT, [this.#binding, text(key), bytes, number(expiration), number(expirationTtl), described]);
  }

  async delete(key) {
    await done(DELETE, [this.#binding, text(key)]);
  }

  async list(options = undefined) {
    const { prefix, limit, cursor } = options ?? {};
    const payload = await done(LIST, [this.#binding, text(prefix ?? ""), number(limit), text(cursor ?? "")]);
    return JSON.parse(native.decode(payload, true));
  }

  async #read(key, options) {
    const { type = "text", cacheTtl } = typeof options === "string" ? { type: options } : options ?? {};
    if (!TYPES.includes(type)) {
      throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
    }
    if (Array.isArray(key)) return this.#readMany(key.map(text), type, cacheTtl);
    const { handle, payload } = await start(GET, [this.#binding, text(key), number(cacheTtl)]);
    const [state, isCached] = payload;
    const described = payload[2] | (payload[3] << 8);
    const cacheStatus = isCached ? "HIT" : "MISS";
    const metadata = described === 0 ? null : JSON.parse(native.decode(payload.subarray(4, 4 + described), true));
    if (state !== SMALL && state !== LARGE) return { value: null, metadata: null, cacheStatus };
    const inline = state === SMALL ? payload.subarray(4 + described) : undefined;
    return { value: await valueOf(type, handle, inline), metadata, cacheStatus };
  }

  async #readMany(keys, type, cacheTtl) {
    if (type !== "text" && type !== "json") {
      throw new TypeError(`"${type}" is not a valid type for several keys. Use "json" or "text"`);
    }
    const payload = await done(GET_MANY, [this.#binding, keys, number(cacheTtl)]);
    const found = new Map();
    JSON.parse(native.decode(payload, true)).forEach(([value, metadata, isCached], at) => {
      found.set(keys[at], {
        value: type === "json" && value !== null ? JSON.parse(value) : value,
        metadata,
        cacheStatus: isCached ? "HIT" : "MISS",
      });
    });
    return found;
  }
}

async function start(operation, values) {
  const handle = native.start(operation, values);
  return { handle, payload: await whenDone(handle) };
}

const done = async (operation, values) => (await start(operation, values)).payload;

/** As WebIDL has it: a symbol is no text. */
const text = (value) => `${value}`;

const number = (value) => (value === undefined || value === null ? undefined : Number(value));

/** A value is here already, or it is read from the host piece by piece. */
async function valueOf(type, handle, inline) {
  if (type === "stream") {
    return inline === undefined ? new HostBody(handle).stream : new Response(inline).body;
  }
  const bytes = inline ?? await new HostBody(handle).consume();
  switch (type) {
    case "arrayBuffer": return bytes.slice().buffer;
    case "json": return JSON.parse(native.decode(bytes, true));
    default: return native.decode(bytes, true);
  }
}

async function bytesOf(value) {
  if (typeof value === "string") return native.encode(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value instanceof ReadableStream) return collected(value);
  throw new TypeError("KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.");
}

async function collected(stream) {
  const reader = stream.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!(value instanceof Uint8Array)) throw new TypeError("A stream that is put must give Uint8Array chunks");
    chunks.push(value);
    length += value.byteLength;
    if (length > VALUE_BYTES_MAX) {
      await reader.cancel();
      throw new Error(`KV PUT failed: 413 Value length of more than ${VALUE_BYTES_MAX} exceeds limit of ${VALUE_BYTES_MAX}.`);
    }
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
