// Switches protocols that nobody asked to switch.
export default {
  async fetch(request, env, ctx) {
    return new Response(null, { status: 101 });
  },
};
