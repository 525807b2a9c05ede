// What it calls computes for ever.
export default {
  async fetch(request, env) {
    if (request.method === 'PUT') for (;;);
    return env.DISPATCHER.get(env.NAME).fetch(request.url, { method: 'PUT' }).catch((error) => new Response(error.message));
  },
};
