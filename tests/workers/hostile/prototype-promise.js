// Takes promises their then.
export default {
  async fetch(request, env, ctx) {
    Promise.prototype.then = () => { throw new Error('mine'); };
    return new Response('x');
  },
};
