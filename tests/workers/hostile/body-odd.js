// Writes what are no bytes.
export default {
  async fetch(request, env, ctx) {
    return new Response(new ReadableStream({ pull(c) { c.enqueue({ length: 1e9 }); } }));
  },
};
