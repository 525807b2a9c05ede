// A second header inside of a value.
export default {
  async fetch(request, env, ctx) {
    return new Response('x', { headers: { 'x-a': 'b\r\nset-cookie: stolen=1\r\n\r\n<html>' } });
  },
};
