// Logs ten million letters.
export default {
  async fetch(request, env, ctx) {
    console.log('x'.repeat(1e7));
    return new Response('logged');
  },
};
