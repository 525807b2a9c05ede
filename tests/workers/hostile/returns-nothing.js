// Returns nothing.
export default {
  async fetch(request, env, ctx) {
    return undefined;
  },
};
