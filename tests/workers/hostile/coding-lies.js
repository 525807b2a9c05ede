// Calls gzip what is none.
export default {
  async fetch(request, env, ctx) {
    return new Response('not packed', { encodeBody: 'manual', headers: { 'content-encoding': 'gzip' } });
  },
};
