// Throws nothing.
export default {
  async fetch(request, env, ctx) {
    throw null;
  },
};
