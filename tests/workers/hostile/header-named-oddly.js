// A name that is none.
export default {
  async fetch(request, env, ctx) {
    return new Response('x', { headers: { 'a b\r\n': 'c' } });
  },
};
