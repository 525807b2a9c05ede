// Two hundred calls of another worker at once.
export default {
  async fetch(request, env) {
    const calls = Array.from({ length: 200 }, () => env.OTHER.fetch(request.url));
    const ended = await Promise.allSettled(calls);
    return new Response(`${ended.filter((one) => one.status === 'fulfilled').length} answered`);
  },
};
