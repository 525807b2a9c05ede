// Asks an origin that never answers.
export default {
  async fetch(request, env, ctx) {
    return fetch(request.headers.get('x-origin') + '/hang');
  },
};
