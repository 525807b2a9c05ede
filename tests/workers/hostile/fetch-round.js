// Follows redirects that lead in a circle.
export default {
  async fetch(request, env, ctx) {
    return new Response(await fetch(request.headers.get('x-origin') + '/round').then(() => 'came', (error) => error.name));
  },
};
