// Returns what only looks like a response.
export default {
  async fetch(request, env, ctx) {
    return Object.create(Response.prototype);
  },
};
