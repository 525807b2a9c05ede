// Calls itself when its answer is long given.
export default {
  fetch(request, env, ctx) {
    ctx.waitUntil(env.DISPATCHER.get(env.NAME).fetch(request.url).catch(() => {}));
    return new Response('later');
  },
};
