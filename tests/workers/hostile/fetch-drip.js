// Reads from an origin that drips.
export default {
  async fetch(request, env, ctx) {
    return new Response(await (await fetch(request.headers.get('x-origin') + '/drip')).text());
  },
};
