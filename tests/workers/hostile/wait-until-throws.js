// What is left to do fails, each time in another way.
export default {
  async fetch(request, env, ctx) {
    ctx.waitUntil(Promise.reject(null));
    ctx.waitUntil((async () => { throw { toString() { throw 1; } }; })());
    ctx.waitUntil({ then(_, no) { no(); } });
    return new Response('answered');
  },
};
