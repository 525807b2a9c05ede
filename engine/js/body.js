// Bodies that come from the host. They are read only when somebody asks, and one that nobody has touched can be handed on to
// the host without a byte of it going through JavaScript.

import { native } from "./native.js";
import { expectEvents } from "./events.js";

const { InnerBody } = require("ext:deno_fetch/22_body.js");
const {
  createReadableByteStream,
  isReadableStreamDisturbed,
  isReadableStreamLocked,
  readableByteStreamControllerClose,
  readableByteStreamControllerEnqueue,
  readableByteStreamControllerError,
  readableStreamDisturb,
  ReadableStreamPrototype,
} = require("ext:deno_web/06_streams.js");

/** A body behind one of the host's source handles, in the shape of Deno's InnerBody. */
export class HostBody extends InnerBody {
  #handle;
  #isTaken = false;

  constructor(handle) {
    super(null);
    this.#handle = handle;
    this.streamOrStatic = null;
  }

  /** The source handle, when nothing has been read of it; whoever takes it answers for it. */
  take() {
    if (this.#isTaken || this.streamOrStatic !== null) return null;
    this.#isTaken = true;
    return this.#handle;
  }

  get stream() {
    if (this.streamOrStatic === null) {
      this.streamOrStatic = streamOf(this.#handle);
      if (this.#isTaken) markUsed(this.streamOrStatic);
    }
    return this.streamOrStatic;
  }

  unusable() {
    return this.streamOrStatic === null ? this.#isTaken : super.unusable();
  }

  consumed() {
    return this.streamOrStatic === null ? this.#isTaken : super.consumed();
  }

  consume() {
    if (this.streamOrStatic !== null) return super.consume();
    if (this.#isTaken) throw new TypeError("Body already consumed");
    this.#isTaken = true;
    return readAll(this.#handle);
  }

  cancel(error) {
    if (this.streamOrStatic !== null) return super.cancel(error);
    this.#isTaken = true;
    native.cancel(this.#handle);
  }

  /** Nothing more comes of it: whoever reads gets the error. */
  error(error) {
    native.cancel(this.#handle);
    if (this.streamOrStatic === null && this.#isTaken) return expectEvents(this.#handle).failed?.(error);
    void this.stream;
    super.error(error);
  }

  clone() {
    void this.stream;
    return super.clone();
  }

  createProxy() {
    const handle = this.take();
    return handle === null ? super.createProxy() : new HostBody(handle);
  }
}

/**
 * What a body is for the host: null, { bytes } (text or a Uint8Array), { source } or { stream }. It counts as used from then on.
 */
export function outgoing(body) {
  if (body === null) return null;
  if (body instanceof HostBody) {
    const source = body.take();
    if (source !== null) return { source };
  }
  const held = body.streamOrStatic;
  if (!ReadableStreamPrototype.isPrototypeOf(held)) {
    held.consumed = true;
    return { bytes: held.body };
  }
  const source = untouched(held);
  if (source === undefined) return { stream: held };
  markUsed(held);
  return { source };
}

/** Writes a stream into one of the host's sinks, as fast as it is read there. */
export async function pump(stream, sink) {
  const reader = stream.getReader();
  const events = expectEvents(sink);
  events.closed = () => reader.cancel(new Error("Nobody reads the stream any more")).catch(() => {});
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!(value instanceof Uint8Array)) {
        throw new TypeError("A body's stream must give Uint8Array chunks");
      }
      const state = native.write(sink, value);
      if (state === NOBODY_READS) {
        await reader.cancel(new Error("Nobody reads the stream any more"));
        break;
      }
      if (state === WAIT) await new Promise((resolve) => (events.writable = resolve));
    }
    native.finish(sink, true, "");
  } catch (error) {
    native.finish(sink, false, String(error?.message ?? error));
    throw error;
  } finally {
    events.closed = events.writable = null;
  }
}

const WAIT = 1, NOBODY_READS = 2;

/** The source behind a stream nobody has read from. */
function untouched(stream) {
  if (isReadableStreamLocked(stream) || isReadableStreamDisturbed(stream)) return undefined;
  return sources.get(stream);
}

const sources = new WeakMap();

function markUsed(stream) {
  sources.delete(stream);
  readableStreamDisturb(stream);
  stream.getReader();
}

function streamOf(handle) {
  const stream = createReadableByteStream(
    () => {},
    (controller) => {
      sources.delete(stream);
      return read(handle).then((chunk) => give(controller, chunk), (error) => readableByteStreamControllerError(controller, error));
    },
    async () => {
      sources.delete(stream);
      native.cancel(handle);
    },
  );
  sources.set(stream, handle);
  return stream;
}

/** A reader that brought its own buffer gets the chunk in it; what does not fit waits in the stream's queue. */
function give(controller, chunk) {
  if (chunk !== null) return readableByteStreamControllerEnqueue(controller, chunk);
  readableByteStreamControllerClose(controller);
  controller.byobRequest?.respond(0);
}

/** The next chunk; null at the end. */
function read(handle) {
  native.read(handle);
  return new Promise((resolve, reject) => {
    const events = expectEvents(handle);
    events.chunk = resolve;
    events.failed = reject;
  });
}

async function readAll(handle) {
  const chunks = [];
  let length = 0;
  for (let chunk; (chunk = await read(handle)) !== null;) {
    chunks.push(chunk);
    length += chunk.byteLength;
  }
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
