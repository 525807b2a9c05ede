// A customer's worker: it asks a service of its own, and one that the platform forbids.

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/stock") return fetch("http://127.0.0.1:8090/stock");
    if (pathname === "/forbidden") return fetch("https://forbidden.example/");
    return new Response(`Welcome to the shop: ${pathname}\n`);
  },
};
