// A proxy of a proxy, ten thousand deep.
export default {
  async fetch(request, env, ctx) {
    let proxy = {};
    for (let i = 0; i < 1e4; i++) proxy = new Proxy(proxy, {});
    return new Response(String(proxy.x));
  },
};
