// Buffers until there is no more memory.
export default {
  async fetch(request, env, ctx) {
    const all = [];
    for (;;) all.push(new Uint8Array(1 << 20).fill(1));
  },
};
