// crypto: Deno's WebCrypto over synchronous operations of the host, which does everything that touches keys.

import { native } from "./native.js";

const { core, internals } = require("./bootstrap.js");
const { WritableStream } = require("ext:deno_web/06_streams.js");

// The host's numbers for Deno's operations. Those that are missing are ones the host does not do either.
const TIMING_SAFE_EQUAL = 5, DIGEST_UPDATE = 11, DIGEST_FINISH = 12;

function call(number, ...values) {
  try {
    return native.call(number, values);
  } catch (error) {
    throw named(error);
  }
}

/** The host says what went wrong as "name: message"; the name is a DOMException's, or TypeError. */
function named(error) {
  const [, name, message] = /^(\w+): ([^]*)$/.exec(error.message) ?? [];
  if (name === undefined) return error;
  return name === "TypeError" ? new TypeError(message) : new DOMException(message, name);
}

const plain = (number, count) => (...values) => call(number, ...Array.from({ length: count }, (_, i) => values[i]));

/** A key stays behind an object of which scripts see nothing. */
const keys = new WeakMap();

const keyOf = (holder) => ({ type: keys.get(holder).kind, data: keys.get(holder).data });

const copy = (data) => new Uint8Array(ArrayBuffer.isView(data) ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data.slice(0));

const keyed = (number) => (holder, options, data) => call(number, keyOf(holder), options, data);

/** Makes a pair of keys in the caller's arrays. */
const pair = (number) => (first, second) => {
  const made = call(number);
  first.set(made[0]);
  second.set(made[1]);
  return true;
};

/** Fills the caller's array, unless there is nothing to fill it with. */
const filled = (number) => (encoded, out) => {
  const found = call(number, encoded);
  if (found !== null) out.set(found);
  return found !== null;
};

const MOST_RANDOM_BYTES = 65_536;

function getRandomValues(array) {
  if (arguments.length === 0) throw new TypeError("getRandomValues() needs an array");
  if (array.byteLength > MOST_RANDOM_BYTES) {
    throw new DOMException(`getRandomValues() fills at most ${MOST_RANDOM_BYTES} bytes`, "QuotaExceededError");
  }
  native.fill_random(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}

function randomUUID() {
  const bytes = new Uint8Array(16);
  native.fill_random(bytes);
  // RFC 9562 §5.4: version 4, variant 10.
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toHex();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const ops = {
  op_crypto_get_random_values: getRandomValues,
  op_crypto_random_uuid: randomUUID,
  op_crypto_base64url_encode: plain(3, 1),
  op_crypto_base64url_decode: plain(4, 1),
  op_crypto_subtle_digest: plain(10, 2),
  op_crypto_generate_key: plain(20, 1),
  op_crypto_import_key: plain(21, 2),
  op_crypto_export_key: plain(22, 2),
  op_crypto_sign_key: keyed(30),
  op_crypto_verify_key: keyed(31),
  op_crypto_encrypt: keyed(32),
  op_crypto_decrypt: keyed(33),
  op_crypto_derive_bits: (holder, peer, options, salt) => call(34, keyOf(holder), peer && keyOf(peer), options, salt),
  op_crypto_wrap_key: keyed(35),
  op_crypto_unwrap_key: keyed(36),
  op_crypto_generate_ed25519_keypair: pair(40),
  op_crypto_sign_ed25519(holder, data, out) {
    out.set(call(41, keyOf(holder), data));
    return true;
  },
  op_crypto_verify_ed25519: (holder, data, signature) => call(42, keyOf(holder), data, signature),
  op_crypto_import_spki_ed25519: filled(43),
  op_crypto_import_pkcs8_ed25519: filled(44),
  op_crypto_export_spki_ed25519: plain(45, 1),
  op_crypto_export_pkcs8_ed25519: plain(46, 1),
  op_crypto_jwk_x_ed25519: plain(47, 1),
  op_crypto_generate_x25519_keypair: pair(50),
  op_crypto_x25519_public_key: plain(51, 1),
  op_crypto_derive_bits_x25519(holder, peer, out) {
    const secret = call(52, keyOf(holder), keyOf(peer));
    if (secret !== null) out.set(secret);
    return secret === null;
  },
  op_crypto_import_spki_x25519: filled(53),
  op_crypto_import_pkcs8_x25519: filled(54),
  op_crypto_export_spki_x25519: plain(55, 1),
  op_crypto_export_pkcs8_x25519: plain(56, 1),
  op_crypto_key_store_insert({ kind, data }) {
    const holder = {};
    keys.set(holder, { kind, data: copy(data) });
    return holder;
  },
  op_crypto_key_store_get(holder) {
    const { kind, data } = keys.get(holder);
    return { kind, data: copy(data) };
  },
};

// The script takes its operations by name; what it finds for the others says that they are not supported.
for (const name of CRYPTO_OPERATIONS) {
  core.ops[name] = ops[name] ?? function () {
    throw new DOMException(`${name.replace("op_crypto_", "").replaceAll("_", " ")} is not supported`, "NotSupportedError");
  };
}
internals.kKeyObject = Symbol("key object");

const { crypto, Crypto, CryptoKey, SubtleCrypto } = require("ext:deno_crypto/00_crypto.js");

/** Cloudflare's stream that ends in a digest. */
class DigestStream extends WritableStream {
  #digest;

  constructor(algorithm) {
    const name = String(typeof algorithm === "object" ? algorithm.name : algorithm).toUpperCase();
    let state, resolve, reject;
    const digest = new Promise((...settle) => ([resolve, reject] = settle));
    digest.catch(() => {});
    super({
      write(chunk) {
        const bytes = typeof chunk === "string" ? native.encode(chunk) : chunk;
        state = call(DIGEST_UPDATE, name, state, copy(bytes));
      },
      close() {
        resolve(call(DIGEST_FINISH, name, state).buffer);
      },
      abort: reject,
    });
    this.#digest = digest;
  }

  get digest() {
    return this.#digest;
  }
}

Object.defineProperty(SubtleCrypto.prototype, "timingSafeEqual", {
  value: function timingSafeEqual(a, b) {
    return call(TIMING_SAFE_EQUAL, copy(a), copy(b));
  },
  writable: true,
  configurable: true,
});
Object.defineProperty(crypto, "DigestStream", { value: DigestStream, writable: true, configurable: true });

export { call as callHost, crypto, Crypto, CryptoKey, SubtleCrypto };
