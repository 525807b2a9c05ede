// A URL with its parameters, and a regular expression.
export default {
  fetch(request) {
    const url = new URL("/articles/2026/11/a-title?page=2&sort=new#top", request.url);
    url.searchParams.append("lang", "en");
    const found = /^\/articles\/(\d{4})\/(\d{2})\/([a-z-]+)$/.exec(url.pathname);
    return new Response(`${found[1]} ${found[3]} ${url.searchParams.get("page")} ${url.href}\n`);
  },
};
