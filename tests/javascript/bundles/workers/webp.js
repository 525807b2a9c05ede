// Emscripten with embind: there and back.
import decode, { init as initDecoder } from '@jsquash/webp/decode.js';
import encode, { init as initEncoder } from '@jsquash/webp/encode.js';
import decoder from '@jsquash/webp/codec/dec/webp_dec.wasm';
import encoder from '@jsquash/webp/codec/enc/webp_enc_simd.wasm';

globalThis.ImageData ??= class {
  constructor(data, width, height) {
    Object.assign(this, { data, width, height });
  }
};

export default {
  async fetch() {
    await Promise.all([initDecoder(decoder), initEncoder(encoder)]);
    const data = new Uint8ClampedArray(16 * 16 * 4).map((_, index) => (index % 4 === 3 ? 255 : (index * 7) % 256));
    const webp = await encode({ data, width: 16, height: 16 }, { lossless: 1 });
    const image = await decode(webp);
    return Response.json([String.fromCharCode(...new Uint8Array(webp, 8, 4)), image.width, image.height, data.every((byte, index) => byte === image.data[index])]);
  },
};
