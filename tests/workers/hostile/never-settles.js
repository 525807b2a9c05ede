// Waits for a promise that nobody settles.
export default {
  async fetch(request, env, ctx) {
    await new Promise(() => {});
  },
};
