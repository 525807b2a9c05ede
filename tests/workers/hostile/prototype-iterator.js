// Iteration without end, for everything.
export default {
  async fetch(request, env, ctx) {
    Array.prototype[Symbol.iterator] = function* () { for (;;) yield ['a', 'b']; };
    return new Response('x', { headers: [['a', 'b']] });
  },
};
