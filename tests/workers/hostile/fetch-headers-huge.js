// Sends more header than an origin or the edge can want.
export default {
  async fetch(request, env, ctx) {
    const origin = request.headers.get('x-origin');
    const headers = new Headers();
    for (let i = 0; i < 2000; i++) headers.append(`x-${i}`, 'y'.repeat(100));
    await fetch(`${origin}/hello`, { headers }).catch(() => {});
    await fetch(`${origin}/hello`, { headers: { 'x-huge': 'x'.repeat(1e6) } }).catch(() => {});
    return new Response('sent');
  },
};
