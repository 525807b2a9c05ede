// A dynamic dispatch worker that finds in a key-value namespace whose worker answers: under the whole hostname first, then
// under the first segment of the path. Moving a customer is one `wrangler kv key put`, and no deployment.

const missing = (what) => new Response(`There is no customer at ${what}.\n`, { status: 404 });

export default {
  async fetch(request, env) {
    const { hostname, pathname } = new URL(request.url);
    const segment = pathname.split("/")[1];
    const found = await env.ROUTES.get(segment === "" ? [hostname] : [hostname, `/${segment}`]);
    const customer = found.get(hostname) ?? found.get(`/${segment}`);
    if (!customer) return missing(hostname + pathname);
    try {
      return await env.DISPATCHER.get(customer).fetch(request);
    } catch (error) {
      // The route is older than the worker's deletion.
      if (error.message.startsWith("Worker not found")) return missing(hostname + pathname);
      return new Response(`${customer}: ${error.message}\n`, { status: 500 });
    }
  },
};
