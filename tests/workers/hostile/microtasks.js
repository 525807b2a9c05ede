// Never lets the queue of microtasks run dry.
export default {
  async fetch(request, env, ctx) {
    for (;;) await 0;
  },
};
