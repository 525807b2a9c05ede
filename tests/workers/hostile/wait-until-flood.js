// Has a hundred thousand things left to do.
export default {
  async fetch(request, env, ctx) {
    for (let i = 0; i < 1e5; i++) ctx.waitUntil(scheduler.wait(i));
    return new Response('answered');
  },
};
