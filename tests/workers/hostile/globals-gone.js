// Deletes everything that there is.
export default {
  async fetch(request, env, ctx) {
    for (const key of Object.getOwnPropertyNames(globalThis)) {
      try { delete globalThis[key]; } catch {}
    }
    return new Response('x');
  },
};
