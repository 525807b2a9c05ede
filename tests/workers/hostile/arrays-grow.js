// Arrays until there is no more memory.
export default {
  async fetch(request, env, ctx) {
    const all = [];
    for (;;) all.push(new Array(1e5).fill(1));
  },
};
