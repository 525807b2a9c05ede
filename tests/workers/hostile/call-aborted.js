// Gives up each call as soon as it is made, or a moment later.
export default {
  async fetch(request, env) {
    let given_up = 0;
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController();
      const call = env.SELF_ENDLESS.fetch(request.url, { signal: controller.signal });
      if (i % 2 === 0) await scheduler.wait(1);
      controller.abort();
      await call.then((answer) => answer.text()).catch(() => given_up++);
    }
    return new Response(`given up ${given_up}`);
  },
};

export class Endless {
  async fetch() {
    return new Response(new ReadableStream({ async pull(c) { await scheduler.wait(1); c.enqueue(new Uint8Array(10)); } }));
  }
}
