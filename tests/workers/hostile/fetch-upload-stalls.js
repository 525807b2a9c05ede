// Sends the beginning of a body.
export default {
  async fetch(request, env, ctx) {
    const body = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(10)); }, pull() { return new Promise(() => {}); } });
    return fetch(request.headers.get('x-origin') + '/echo', { method: 'POST', body });
  },
};
