// Freezes everything that there is.
export default {
  async fetch(request, env, ctx) {
    for (const key of Object.getOwnPropertyNames(globalThis)) {
      try { Object.freeze(globalThis[key]); Object.freeze(globalThis[key].prototype); } catch {}
    }
    return new Response('x');
  },
};
