// The platform's dynamic dispatch worker: the first label of the hostname names the customer, whose worker answers.

export default {
  async fetch(request, env) {
    const customer = new URL(request.url).hostname.split(".")[0];
    // What the platform knows of its customers. A real one looks this up.
    const plan = env.PLANS[customer] ?? "free";
    const limits = plan === "free" ? { cpuMs: 20, subRequests: 5 } : { cpuMs: 50, subRequests: 50 };
    try {
      const worker = env.DISPATCHER.get(customer, {}, { limits, outbound: { customer, plan } });
      const response = await worker.fetch(request);
      const answer = new Response(response.body, response);
      answer.headers.set("x-served-for", `${customer} (${plan})`);
      return answer;
    } catch (error) {
      if (error.message.startsWith("Worker not found")) {
        return new Response(`There is no customer ${customer}.\n`, { status: 404 });
      }
      // What the customer's worker threw, or the limit that it ran into.
      return new Response(`${customer}: ${error.message}\n`, { status: 500 });
    }
  },
};
