// Takes all memory before its first request.
const all = [];
for (;;) all.push(new Uint8Array(1 << 20).fill(1));
export default { fetch() { return new Response('x'); } };
