// Calls itself, for ever.
export default {
  fetch: (request, env) => env.SELF.fetch(request.url, request).catch((error) => new Response(error.message)),
};
