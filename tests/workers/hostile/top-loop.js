// Loops for ever before its first request.
for (;;) {}
export default { fetch() { return new Response('x'); } };
