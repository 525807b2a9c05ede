// Logs what throws, what has no end, and what looks like the log itself.
export default {
  async fetch(request, env, ctx) {
    const cycle = {};
    cycle.self = cycle;
    console.log(cycle, { get a() { throw 1; } }, new Proxy({}, { ownKeys() { throw 2; } }), Symbol('s'), 1n, new Array(1e9));
    console.error('\u001b[2J\r\n{"level":"ERROR","message":"forged"}\u2028\u202e');
    return new Response('logged');
  },
};
