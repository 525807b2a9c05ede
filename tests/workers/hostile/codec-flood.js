// Text to bytes to text, for ever.
export default {
  async fetch(request, env, ctx) {
    const encoder = new TextEncoder(), decoder = new TextDecoder();
    let text = '\u20ac'.repeat(20000);
    for (;;) text = decoder.decode(encoder.encode(text));
  },
};
