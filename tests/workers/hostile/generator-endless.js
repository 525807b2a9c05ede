// Spreads a generator that has no end.
export default {
  async fetch(request, env, ctx) {
    function* endless() { for (;;) yield 1; }
    return new Response([...endless()].length);
  },
};
