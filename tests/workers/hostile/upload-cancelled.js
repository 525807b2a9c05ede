// Gives up what it is sent after the first piece.
export default {
  async fetch(request, env, ctx) {
    const reader = request.body?.getReader();
    await reader?.read();
    await reader?.cancel('enough');
    return new Response('enough');
  },
};
