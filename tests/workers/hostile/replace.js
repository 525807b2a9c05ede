// A replacement that grows what it replaces.
export default {
  async fetch(request, env, ctx) {
    let text = 'a'.repeat(1000);
    for (;;) text = text.replaceAll('a', 'aa');
  },
};
