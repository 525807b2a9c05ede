// Reads one half of a stream that was split, and never the other.
export default {
  async fetch(request, env, ctx) {
    const endless = new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65536)); } });
    const [one, other] = endless.tee();
    for await (const chunk of one) void chunk;
    return new Response(other);
  },
};
