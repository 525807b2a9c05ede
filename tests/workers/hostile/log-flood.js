// Logs without end.
export default {
  async fetch(request, env, ctx) {
    for (;;) console.log('x'.repeat(100));
  },
};
