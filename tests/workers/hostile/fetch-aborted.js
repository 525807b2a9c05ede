// Gives up each request at once.
export default {
  async fetch(request, env, ctx) {
    const origin = request.headers.get('x-origin');
    const all = Array.from({ length: 20 }, async () => {
      const controller = new AbortController();
      const asked = fetch(`${origin}/hang`, { signal: controller.signal });
      controller.abort();
      try { await asked } catch { return 'given up' }
    });
    await Promise.all(all);
    await fetch(`${origin}/hang`, { signal: AbortSignal.timeout(0) }).catch(() => {});
    return new Response('given up');
  },
};
