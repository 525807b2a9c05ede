// Fills a stream that nobody reads.
export default {
  async fetch(request, env, ctx) {
    let controller;
    new ReadableStream({ start(c) { controller = c; } });
    for (;;) controller.enqueue(new Uint8Array(100000));
  },
};
