// Gives up each call as soon as it is made, or a moment later.
const endless = () => new ReadableStream({
  async pull(controller) {
    await scheduler.wait(1);
    controller.enqueue(new Uint8Array(10));
  },
});
export default {
  async fetch(request, env) {
    if (request.method === 'PUT') return new Response(endless());
    let given_up = 0;
    for (let i = 0; i < 20; i++) {
      const { signal, abort } = given();
      const call = env.DISPATCHER.get(env.NAME).fetch(request.url, { method: 'PUT', signal });
      if (i % 2 === 0) await scheduler.wait(1);
      abort();
      await call.then((answer) => answer.text()).catch(() => given_up++);
    }
    return new Response(`given up ${given_up}`);
  },
};

function given() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
