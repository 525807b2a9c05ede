// Compiles a module at run time.
export default {
  async fetch(request, env, ctx) {
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    const { instance } = await WebAssembly.instantiate(bytes);
    return new Response(String(instance));
  },
};
