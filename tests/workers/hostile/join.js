// Joins an array of a thousand million holes.
export default {
  async fetch(request, env, ctx) {
    return new Response(new Array(1e9).join("x"));
  },
};
