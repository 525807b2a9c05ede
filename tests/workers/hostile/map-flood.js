// A map that only grows.
export default {
  async fetch(request, env, ctx) {
    const map = new Map();
    for (let i = 0; ; i++) map.set({ i }, 'x'.repeat(1000) + i);
  },
};
