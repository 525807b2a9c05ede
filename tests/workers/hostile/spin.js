// Loops for ever.
export default {
  async fetch(request, env, ctx) {
    for (;;) {}
  },
};
