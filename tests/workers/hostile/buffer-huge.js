// One buffer larger than all memory.
export default {
  async fetch(request, env, ctx) {
    return new Response(new Uint8Array(3e9));
  },
};
