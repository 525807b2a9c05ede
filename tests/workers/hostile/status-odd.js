// A status that HTTP does not know.
export default {
  async fetch(request, env, ctx) {
    return new Response(null, { status: 99 });
  },
};
