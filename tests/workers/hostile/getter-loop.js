// An option whose getter never returns.
export default {
  async fetch(request, env, ctx) {
    return new Response("x", { get status() { for (;;) {} } });
  },
};
