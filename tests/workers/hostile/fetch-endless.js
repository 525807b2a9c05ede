// Reads a body that has no end.
export default {
  async fetch(request, env, ctx) {
    return new Response(await (await fetch(request.headers.get('x-origin') + '/endless')).arrayBuffer());
  },
};
