// Calls with options that are not what they should be.
const OPTIONS = [
  null, 1, 'x', [], { limits: 1 }, { limits: { cpuMs: -1 } }, { limits: { cpuMs: NaN } }, { limits: { cpuMs: 1e300 } }, { limits: { nothing: 1 } },
  { outbound: 'x' }, { outbound: { a: undefined } }, { outbound: { a: 'x'.repeat(1e6) } }, { get limits() { throw new Error('got') } },
  { outbound: { toJSON() { return 1 } } }, { outbound: new Proxy({}, { ownKeys() { throw new Error('keys') } }) },
];
export default {
  async fetch(request, env) {
    let ended = 0;
    for (const options of OPTIONS) {
      try {
        await env.DISPATCHER.get('x', options, options).fetch(request.url);
      } catch {
        ended++;
      }
    }
    return new Response(`ended ${ended}`);
  },
};
