// Asks for what is no URL, or a very long one.
export default {
  async fetch(request, env, ctx) {
    const urls = ['', 'x', '//', 'http://', 'http:///', 'ftp://example.com', 'file:///etc/passwd', 'data:text/plain,x', 'blob:x', 'unix:/run/x',
      'javascript:1', 'http://[', 'http://[::1', 'http://a b/', 'http://127.0.0.1:99999/', 'http://127.0.0.1:-1/', 'http://\0/',
      request.headers.get('x-origin') + '/' + 'x'.repeat(1e6), 'http://' + 'a.'.repeat(1000) + 'test/', 'http://' + 'x'.repeat(64) + '.test/'];
    let failed = 0;
    for (const url of urls) {
      try { await fetch(url) } catch { failed++ }
    }
    return new Response(`${failed} failed`);
  },
};
