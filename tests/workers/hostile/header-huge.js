// A header as long as visitors may just read.
export default {
  async fetch(request, env, ctx) {
    return new Response('x', { headers: { 'x-huge': 'x'.repeat(6e4) } });
  },
};
