// Calls itself, for ever.
export default {
  fetch: (request, env) => env.DISPATCHER.get(env.NAME).fetch(request.url, request).catch((error) => new Response(error.message)),
};
