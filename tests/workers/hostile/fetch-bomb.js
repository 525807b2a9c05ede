// Unpacks a body that is a thousand times what it seems.
export default {
  async fetch(request, env, ctx) {
    return new Response((await (await fetch(request.headers.get('x-origin') + '/bomb')).arrayBuffer()).byteLength);
  },
};
