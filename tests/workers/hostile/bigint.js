// A number with millions of digits, printed.
export default {
  async fetch(request, env, ctx) {
    return new Response(String(7n ** 10000000n));
  },
};
