// A pattern nested a hundred thousand deep.
export default {
  async fetch(request, env, ctx) {
    return new Response(String(new RegExp('('.repeat(1e5) + ')'.repeat(1e5)).test('a')));
  },
};
