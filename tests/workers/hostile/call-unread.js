// Calls a worker and looks at no answer.
export default {
  async fetch(request, env) {
    for (let i = 0; i < 20; i++) env.OTHER.fetch(request.url).catch(() => {});
    return new Response('unread');
  },
};
