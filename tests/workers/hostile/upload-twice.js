// Reads what it is sent twice.
export default {
  async fetch(request, env, ctx) {
    await request.text();
    return new Response(await request.text());
  },
};
