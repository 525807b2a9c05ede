// A JavaScript worker: it runs here as it does on Cloudflare.
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const name = url.searchParams.get("name") ?? "you";
    ctx.waitUntil(scheduler.wait(10).then(() => console.log(`greeted ${name}`)));
    return Response.json({
      greeting: `${env.GREETING}, ${name}`,
      path: url.pathname,
      id: crypto.randomUUID(),
    });
  },
};
