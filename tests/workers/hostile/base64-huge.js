// Base64 of base64.
export default {
  async fetch(request, env, ctx) {
    let text = 'x'.repeat(1000);
    for (;;) text = btoa(text);
  },
};
