// Unpacks what was packed a thousandfold.
export default {
  async fetch(request, env, ctx) {
    const endless = new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1 << 20)); } });
    const packed = endless.pipeThrough(new CompressionStream('gzip'));
    return new Response(await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
  },
};
