// Each call of itself makes five more.
export default {
  async fetch(request, env) {
    const calls = Array.from({ length: 5 }, () => env.DISPATCHER.get(env.NAME).fetch(request.url).then((answer) => answer.text()));
    const ended = await Promise.allSettled(calls);
    return new Response(`fan ${ended.length}`);
  },
};
