// Puts setters and getters under every object.
export default {
  async fetch(request, env, ctx) {
    Object.prototype.get = () => { throw 1; };
    Object.prototype.then = 1;
    Object.defineProperty(Object.prototype, 'headers', { get() { throw 2; } });
    Array.prototype.push = null;
    return new Response('x', {});
  },
};
