// Answers, and has something left that never ends.
export default {
  async fetch(request, env, ctx) {
    ctx.waitUntil(new Promise(() => {}));
    return new Response('answered');
  },
};
