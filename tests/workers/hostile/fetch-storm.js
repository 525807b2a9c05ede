// Asks an origin five hundred times at once.
export default {
  async fetch(request, env, ctx) {
    const origin = request.headers.get('x-origin');
    const all = await Promise.allSettled(Array.from({ length: 500 }, () => fetch(`${origin}/hello`)));
    return new Response(`${all.filter((one) => one.status === 'fulfilled').length} answered`);
  },
};
