// A text that doubles.
export default {
  async fetch(request, env, ctx) {
    let text = 'x'.repeat(1000);
    for (;;) text = text + text + Math.random();
  },
};
