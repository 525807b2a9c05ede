// Formats dates for ever.
export default {
  async fetch(request, env, ctx) {
    for (let i = 0; ; i++) new Date(i * 1e7).toLocaleString('en-US', { dateStyle: 'full', timeStyle: 'long' });
  },
};
