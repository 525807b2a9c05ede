// A pattern that takes exponential time.
export default {
  async fetch(request, env, ctx) {
    return new Response(String(/^(a+)+$/.test('a'.repeat(60) + 'b')));
  },
};
