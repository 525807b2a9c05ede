// Streams without end into itself, and back out.
export default {
  async fetch(request, env) {
    if (request.method === 'PUT') return new Response(request.body);
    const body = new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(65536)) });
    const answer = await env.DISPATCHER.get(env.NAME).fetch(request.url, { method: 'PUT', body }).catch((error) => error);
    if (answer instanceof Error) return new Response(answer.message);
    let bytes = 0;
    for await (const chunk of answer.body) if ((bytes += chunk.length) > 1 << 20) break;
    return new Response(`read ${bytes > 1 << 20}`);
  },
};
