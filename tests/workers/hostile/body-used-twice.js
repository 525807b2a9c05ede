// Gives one body to two answers.
export default {
  async fetch(request, env, ctx) {
    const first = new Response('body');
    await first.text();
    return new Response(first.body);
  },
};
