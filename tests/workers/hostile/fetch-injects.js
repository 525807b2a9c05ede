// Puts a second request into header, method and URL.
export default {
  async fetch(request, env, ctx) {
    const origin = request.headers.get('x-origin');
    const second = ' HTTP/1.1\r\nhost: x\r\n\r\nGET /second';
    const ways = [
      () => fetch(`${origin}/hello`, { headers: { 'x-a': `b\r\n\r\nGET /second${second}` } }),
      () => fetch(`${origin}/hello`, { headers: { [`x-a: b\r\nx-b`]: 'c' } }),
      () => fetch(`${origin}/hello`, { method: `GET /second${second}` }),
      () => fetch(`${origin}/hello`, { method: 'CONNECT' }),
      () => fetch(`${origin}/hello`, { method: 'TRACE' }),
    ];
    let sent = 0;
    for (const way of ways) {
      try { await way(); sent++ } catch {}
    }
    await fetch(`${origin}/hello${second}`).catch(() => {});
    return new Response(`${sent} sent`);
  },
};
