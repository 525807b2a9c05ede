// A customer's worker with mistakes in it.

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/loop") for (;;);
    if (pathname === "/throw") throw new Error("the blog has no posts");
    return new Response(`Welcome to the blog: ${pathname}\n`);
  },
};
