// A thenable that never calls back.
export default {
  async fetch(request, env, ctx) {
    return { then() { for (;;) {} } };
  },
};
