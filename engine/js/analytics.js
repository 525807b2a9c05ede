// Analytics Engine: env.AE.writeDataPoint({ indexes, blobs, doubles }). The host holds the point against its limits, and writes it.

import { callHost } from "./crypto.js";
import { native } from "./native.js";

const WRITE = 71;

export class AnalyticsEngineDataset {
  #binding;

  constructor(binding) {
    this.#binding = binding;
  }

  writeDataPoint(point = undefined) {
    const { indexes, blobs, doubles } = point ?? {};
    const values = [list("indexes", indexes, blob), list("blobs", blobs, blob), list("doubles", doubles, Number)];
    callHost(WRITE, this.#binding, ...values);
  }
}

function list(name, values, read) {
  if (values === undefined || values === null) return [];
  if (!Array.isArray(values)) throw new TypeError(`writeDataPoint(): \`${name}\` is an array, as in { ${name}: [value] }`);
  return values.map((value) => read(value));
}

/** A text, bytes, or nothing. */
function blob(value) {
  if (value === undefined || value === null) return null;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return native.is_array_buffer(value) ? new Uint8Array(value) : `${value}`;
}
