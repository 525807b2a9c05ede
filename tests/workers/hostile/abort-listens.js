// Fails when its visitor leaves, and waits for it.
export default {
  async fetch(request, env, ctx) {
    request.signal.addEventListener('abort', () => { for (;;) {} });
    await scheduler.wait(1e9);
  },
};
