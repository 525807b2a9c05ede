// Passes a body on that has no end.
export default {
  async fetch(request, env, ctx) {
    return fetch(request.headers.get('x-origin') + '/endless');
  },
};
