// Random numbers for ever.
export default {
  async fetch(request, env, ctx) {
    const bytes = new Uint8Array(65536);
    for (;;) crypto.getRandomValues(bytes);
  },
};
