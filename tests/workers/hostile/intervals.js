// A thousand intervals, and nothing else ever.
export default {
  async fetch(request, env, ctx) {
    for (let i = 0; i < 1000; i++) setInterval(() => {}, 0);
    await new Promise(() => {});
  },
};
