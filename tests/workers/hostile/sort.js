// A comparison without order, for ever.
export default {
  async fetch(request, env, ctx) {
    const list = Array.from({ length: 1e5 }, (_, i) => -i);
    for (;;) list.sort(() => Math.random() - 0.5);
  },
};
