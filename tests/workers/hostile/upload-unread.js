// Never reads what it is sent.
export default {
  async fetch(request, env, ctx) {
    return new Response('answered');
  },
};
