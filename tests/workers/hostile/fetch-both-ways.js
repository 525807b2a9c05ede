// Passes its visitor’s body to an origin and the answer back.
export default {
  async fetch(request, env, ctx) {
    return fetch(request.headers.get('x-origin') + '/echo', { method: 'POST', body: request.body });
  },
};
