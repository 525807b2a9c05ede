// Sleeps for ever.
export default {
  async fetch(request, env, ctx) {
    await scheduler.wait(1e9);
  },
};
