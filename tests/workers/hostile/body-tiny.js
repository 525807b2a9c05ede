// Answers byte by byte.
export default {
  async fetch(request, env, ctx) {
    return new Response(new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array(1)); } }));
  },
};
