// Five thousand header fields.
export default {
  async fetch(request, env, ctx) {
    const headers = new Headers();
    for (let i = 0; i < 5000; i++) headers.append('set-cookie', `c${i}=${i}`);
    return new Response('x', { headers });
  },
};
