// The platform's outbound worker: every request that a customer's worker sends goes through here.

const FORBIDDEN = ["forbidden.example"];

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    console.log(`${env.customer} (${env.plan}) asks ${request.method} ${url}`);
    if (FORBIDDEN.includes(url.hostname)) {
      return new Response(`${env.customer} may not reach ${url.hostname}\n`, { status: 403 });
    }
    const headers = new Headers(request.headers);
    headers.set("x-customer", env.customer);
    return fetch(new Request(request, { headers }));
  },
};
