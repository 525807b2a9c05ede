// Returns a proxy that throws whatever it is asked.
export default {
  async fetch(request, env, ctx) {
    return new Proxy(new Response('x'), { get() { throw new Error('mine'); } });
  },
};
