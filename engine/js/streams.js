// Cloudflare's own streams of bytes.

const { TransformStream } = require("ext:deno_web/06_streams.js");

const check = (chunk) => {
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new TypeError("A stream of bytes takes ArrayBuffers and views of them");
};

/** Passes bytes on as they come. */
export class IdentityTransformStream extends TransformStream {
  constructor() {
    super({ transform: (chunk, controller) => controller.enqueue(check(chunk)) });
  }
}

/** The same, and exactly as many bytes as announced. */
export class FixedLengthStream extends TransformStream {
  constructor(expected) {
    let left = Number(expected);
    super({
      transform(chunk, controller) {
        const bytes = check(chunk);
        left -= bytes.byteLength;
        if (left < 0) throw new TypeError("More bytes were written to the FixedLengthStream than it was made for");
        controller.enqueue(bytes);
      },
      flush() {
        if (left > 0) throw new TypeError("The FixedLengthStream was closed before all of its bytes were written");
      },
    });
  }
}
