// Sends a body that has no end to an origin that reads none of it.
export default {
  async fetch(request, env, ctx) {
    const body = new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(65536)); } });
    return fetch(request.headers.get('x-origin') + '/hang', { method: 'POST', body });
  },
};
