// node:buffer: the `buffer` package, with base64url and with the engine's own encoders.

import node from "cirque:node";
import { Buffer, INSPECT_MAX_BYTES, kMaxLength, SlowBuffer } from "buffer/index.js";

const MAX_STRING = 2 ** 29;
const isUrlAlphabet = (encoding) => typeof encoding === "string" && encoding.toLowerCase() === "base64url";
const isUtf8Name = (encoding) => encoding === undefined || encoding === null || /^utf-?8$/i.test(encoding);

const { from, isEncoding } = Buffer;
const { fill, toString, write } = Buffer.prototype;

Buffer.isEncoding = (encoding) => isUrlAlphabet(encoding) || isEncoding(encoding);

Buffer.from = function (value, encoding, length) {
  if (typeof value === "string" && isUtf8Name(encoding)) return Object.setPrototypeOf(node.encode(value), Buffer.prototype);
  return from(value, encoding, length);
};

Buffer.copyBytesFrom = function (view, offset = 0, length = view.length - offset) {
  const part = view.subarray(offset, offset + length);
  return Buffer.from(part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength));
};

Buffer.prototype.fill = function (value, start, end, encoding) {
  if (typeof value !== "number") return fill.call(this, value, start, end, encoding);
  return Uint8Array.prototype.fill.call(this, value, start, end);
};

Buffer.prototype.write = function (text, ...rest) {
  const last = rest.length - 1;
  if (isUrlAlphabet(rest[last])) rest[last] = "base64";
  return write.call(this, text, ...rest);
};

Buffer.prototype.toString = function (encoding, start = 0, end = this.length) {
  const part = () => new Uint8Array(this.buffer, this.byteOffset, this.byteLength).subarray(Math.max(0, start), Math.max(0, end));
  switch (encoding === undefined || encoding === null ? "utf8" : String(encoding).toLowerCase()) {
    case "utf8":
    case "utf-8": return node.decode(part(), true);
    case "base64": return part().toBase64();
    case "base64url": return part().toBase64({ alphabet: "base64url", omitPadding: true });
    case "hex": return part().toHex();
    default: return toString.call(this, encoding, start, end);
  }
};

const viewOf = (input) => (ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input));

export const isAscii = (input) => viewOf(input).every((byte) => byte < 0x80);

export function isUtf8(input) {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(viewOf(input));
    return true;
  } catch {
    return false;
  }
}

export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: MAX_STRING };
export const kStringMaxLength = MAX_STRING;
export const { atob, btoa, Blob, File } = globalThis;
export { Buffer, INSPECT_MAX_BYTES, kMaxLength, SlowBuffer };

export default {
  Buffer, SlowBuffer, INSPECT_MAX_BYTES, kMaxLength, kStringMaxLength, constants, isAscii, isUtf8, atob, btoa, Blob, File,
};
