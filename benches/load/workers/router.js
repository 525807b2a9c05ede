// What most workers do: look at the path and two headers, answer with three.
export default {
  fetch(request) {
    const url = new URL(request.url);
    const accept = request.headers.get("accept");
    const agent = request.headers.get("user-agent");
    if (url.pathname !== "/") return new Response("not found", { status: 404 });
    return new Response(`${url.hostname} ${accept} ${agent}\n`, {
      headers: { "content-type": "text/plain", "cache-control": "max-age=60", "x-route": "home" },
    });
  },
};
