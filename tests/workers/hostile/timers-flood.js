// More timers than there is time.
export default {
  async fetch(request, env, ctx) {
    for (let i = 0; ; i++) setTimeout(() => {}, i % 1000);
  },
};
