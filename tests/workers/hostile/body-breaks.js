// Throws in the middle of its answer.
export default {
  async fetch(request, env, ctx) {
    let n = 0;
    return new Response(new ReadableStream({ pull(c) {
      if (n++ > 3) throw new Error('no more');
      c.enqueue(new Uint8Array(1000));
    } }));
  },
};
