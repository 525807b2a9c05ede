// Answers, and computes on for ever.
export default {
  async fetch(request, env, ctx) {
    ctx.waitUntil((async () => { for (;;) await 0; })());
    return new Response('answered');
  },
};
