// A blob of itself twice, again and again.
export default {
  async fetch(request, env, ctx) {
    let blob = new Blob(['x'.repeat(1000)]);
    for (;;) blob = new Blob([await blob.text(), await blob.text()]);
  },
};
