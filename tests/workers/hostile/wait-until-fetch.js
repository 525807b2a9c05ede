// Answers, and then asks an origin that never answers.
export default {
  async fetch(request, env, ctx) {
    ctx.waitUntil(fetch(request.headers.get('x-origin') + '/hang'));
    return new Response('answered');
  },
};
