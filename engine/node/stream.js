// node:stream: the `readable-stream` package, which Node's project makes of its own sources, and the ways to the web's streams.

import Stream from "readable-stream/lib/stream.js";

export const {
  addAbortSignal, compose, destroy, Duplex, finished, isDisturbed, isErrored, isReadable, PassThrough, pipeline, Readable, Transform, Writable,
} = Stream;
export const { promises } = Stream;

const bytes = (chunk) => (typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk);

Readable.toWeb = (readable) => {
  const chunks = readable[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(bytes(value));
    },
    cancel: (reason) => void readable.destroy(reason),
  }, { highWaterMark: 0 });
};

Readable.fromWeb = (stream, options) => {
  const reader = stream.getReader();
  return new Readable({
    ...options,
    read() {
      reader.read().then(({ done, value }) => this.push(done ? null : value), (error) => this.destroy(error));
    },
    destroy(error, callback) {
      reader.cancel(error).then(() => callback(error), () => callback(error));
    },
  });
};

Writable.toWeb = (writable) =>
  new WritableStream({
    write: (chunk) => new Promise((resolve, reject) => writable.write(chunk, (error) => (error ? reject(error) : resolve()))),
    close: () => new Promise((resolve, reject) => (writable.once("error", reject), writable.end(resolve))),
    abort: (reason) => void writable.destroy(reason),
  });

Writable.fromWeb = (stream, options) => {
  const writer = stream.getWriter();
  return new Writable({
    ...options,
    write: (chunk, _, callback) => void writer.write(chunk).then(() => callback(), callback),
    final: (callback) => void writer.close().then(() => callback(), callback),
    destroy: (error, callback) => void (error ? writer.abort(error) : Promise.resolve()).then(() => callback(error), () => callback(error)),
  });
};

export { Stream };
export default Stream;
