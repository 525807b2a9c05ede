// Answers, and sleeps for ever.
export default {
  async fetch(request, env, ctx) {
    ctx.waitUntil(scheduler.wait(1e9));
    return new Response('answered');
  },
};
