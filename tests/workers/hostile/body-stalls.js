// Answers with a beginning and never an end.
export default {
  async fetch(request, env, ctx) {
    return new Response(new ReadableStream({
      start(c) { c.enqueue(new TextEncoder().encode('begins')); },
      pull() { return scheduler.wait(1e9); },
    }));
  },
};
