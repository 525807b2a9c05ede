// A text nested a hundred thousand deep.
export default {
  async fetch(request, env, ctx) {
    return new Response(JSON.parse('['.repeat(1e5) + ']'.repeat(1e5)));
  },
};
