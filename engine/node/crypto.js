// node:crypto: hashes and chance. Keys, signatures and ciphers are in the web's `crypto.subtle`.

import node from "cirque:node";
import { Buffer } from "node:buffer";
import { Transform } from "node:stream";

/** The host's name of a hash, and the length of its blocks. */
const HASHES = { md5: ["MD5", 64], sha1: ["SHA-1", 64], sha256: ["SHA-256", 64], sha384: ["SHA-384", 128], sha512: ["SHA-512", 128] };
// A call of the host costs more than a copy of so much.
const PENDING_BYTES = 64 << 10;

function hashNamed(name) {
  const found = HASHES[String(name).toLowerCase().replace(/^rsa-/, "").replace(/^sha-/, "sha")];
  if (found === undefined) throw Object.assign(new Error("Digest method not supported"), { code: "ERR_CRYPTO_INVALID_DIGEST" });
  return found;
}

function bytesOf(data, encoding) {
  if (typeof data === "string") return Buffer.from(data, encoding === "buffer" ? undefined : encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError('The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView');
}

/** Bytes on their way into a digest; one call of the host when they are few. */
class Digest {
  #name;
  #state;
  #pending = [];
  #length = 0;

  constructor(name) {
    this.#name = name;
  }

  add(bytes) {
    this.#pending.push(bytes.slice());
    this.#length += bytes.byteLength;
    if (this.#length >= PENDING_BYTES) this.#state = node.digestUpdate(this.#name, this.#state, this.#take());
    return this;
  }

  end() {
    if (this.#state === undefined) return node.digest(this.#name, this.#take());
    if (this.#length > 0) this.#state = node.digestUpdate(this.#name, this.#state, this.#take());
    return node.digestFinish(this.#name, this.#state);
  }

  copy() {
    const copy = new Digest(this.#name);
    copy.#state = this.#state;
    copy.#pending = [...this.#pending];
    copy.#length = this.#length;
    return copy;
  }

  #take() {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const bytes of this.#pending) {
      all.set(bytes, at);
      at += bytes.byteLength;
    }
    this.#pending = [];
    this.#length = 0;
    return all;
  }
}

/** Hash and Hmac are streams as well. */
class Hashing extends Transform {
  #end;
  #add;

  constructor(add, end, options) {
    super(options);
    this.#add = add;
    this.#end = end;
  }

  update(data, encoding) {
    if (this.#end === null) throw Object.assign(new Error("Digest already called"), { code: "ERR_CRYPTO_HASH_FINALIZED" });
    this.#add(bytesOf(data, encoding));
    return this;
  }

  digest(encoding) {
    if (this.#end === null) throw Object.assign(new Error("Digest already called"), { code: "ERR_CRYPTO_HASH_FINALIZED" });
    const bytes = this.#end();
    this.#end = null;
    const result = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return encoding === undefined || encoding === "buffer" ? result : result.toString(encoding);
  }

  _transform(chunk, encoding, callback) {
    this.update(chunk, encoding);
    callback();
  }

  _flush(callback) {
    this.push(this.digest());
    callback();
  }
}

export class Hash extends Hashing {
  #digest;

  constructor(algorithm, options, digest = new Digest(hashNamed(algorithm)[0])) {
    super((bytes) => digest.add(bytes), () => digest.end(), options);
    this.#digest = digest;
  }

  copy(options) {
    return new Hash(undefined, options, this.#digest.copy());
  }
}

export class Hmac extends Hashing {
  constructor(algorithm, key, options) {
    const [name, blockBytes] = hashNamed(algorithm);
    let bytes = bytesOf(key);
    if (bytes.byteLength > blockBytes) bytes = node.digest(name, bytes);
    // RFC 2104 §2.
    const padded = (pad) => Uint8Array.from({ length: blockBytes }, (_, at) => (bytes[at] ?? 0) ^ pad);
    const inner = new Digest(name).add(padded(0x36));
    super((data) => inner.add(data), () => new Digest(name).add(padded(0x5c)).add(inner.end()).end(), options);
  }
}

export const createHash = (algorithm, options) => new Hash(algorithm, options);
export const createHmac = (algorithm, key, options) => new Hmac(algorithm, key, options);
export const hash = (algorithm, data, encoding = "hex") => createHash(algorithm).update(data).digest(encoding);
export const getHashes = () => Object.keys(HASHES);

export function timingSafeEqual(a, b) {
  const [one, other] = [bytesOf(a), bytesOf(b)];
  if (one.byteLength !== other.byteLength) {
    const error = new RangeError("Input buffers must have the same byte length");
    throw Object.assign(error, { code: "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH" });
  }
  return node.timingSafeEqual(one.slice(), other.slice());
}

export function randomFillSync(buffer, offset = 0, size = undefined) {
  const view = ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer);
  node.fillRandom(view.subarray(offset, size === undefined ? undefined : offset + size));
  return buffer;
}

const later = (callback, run) => {
  let result;
  try {
    result = run();
  } catch (error) {
    return queueMicrotask(() => callback(error));
  }
  queueMicrotask(() => callback(null, result));
};

export function randomBytes(size, callback) {
  const make = () => randomFillSync(Buffer.alloc(size));
  return callback === undefined ? make() : later(callback, make);
}

export function randomFill(buffer, ...rest) {
  const callback = rest.pop();
  later(callback, () => randomFillSync(buffer, ...rest));
}

/** A number from `min` (0 when it is the only one) up to, but without, `max`; each is as likely as the others. */
export function randomInt(min, max, callback) {
  if (max === undefined || typeof max === "function") [min, max, callback] = [0, min, max];
  const range = max - min;
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || range <= 0 || range > 2 ** 48) {
    throw new RangeError('The value of "max" is out of range');
  }
  const make = () => {
    const limit = 2 ** 48 - (2 ** 48 % range);
    for (;;) {
      const [a, b, c] = webcrypto.getRandomValues(new Uint16Array(3));
      const number = a * 2 ** 32 + b * 2 ** 16 + c;
      if (number < limit) return min + (number % range);
    }
  };
  return callback === undefined ? make() : later(callback, make);
}

export const webcrypto = node.webcrypto;
export const { subtle } = webcrypto;
export const randomUUID = () => webcrypto.randomUUID();
export const getRandomValues = (array) => webcrypto.getRandomValues(array);
export const constants = {};

export default {
  Hash, Hmac, createHash, createHmac, hash, getHashes, timingSafeEqual, randomFillSync, randomFill, randomBytes, randomInt, randomUUID,
  getRandomValues, webcrypto, subtle, constants,
};
