// Says how its answer is framed, and lies.
export default {
  async fetch(request, env, ctx) {
    return new Response('x'.repeat(100000), { headers: {
      'content-length': '5', 'transfer-encoding': 'gzip, chunked', connection: 'upgrade, x-forwarded-for', upgrade: 'websocket',
    } });
  },
};
