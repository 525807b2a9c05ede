// Asks an origin that answers wrongly in every way it knows.
export default {
  async fetch(request, env, ctx) {
    const origin = request.headers.get('x-origin');
    const ways = ['garbage', 'short', 'close', 'fields', 'header', 'trailers', 'switch', 'lengths', 'chunks', 'early'];
    const all = await Promise.all(ways.map((way) => fetch(`${origin}/${way}`).then((answer) => answer.text()).catch(() => 'failed')));
    return new Response(`${all.length} ended`);
  },
};
