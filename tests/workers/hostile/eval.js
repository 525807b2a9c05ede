// Makes code out of text.
export default {
  async fetch(request, env, ctx) {
    return new Response(String(new Function('for (;;) {}')()));
  },
};
