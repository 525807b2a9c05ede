// Asks for workers under names that nobody can have.
const NAMES = ['', '..', '../_/neighbour', 'a/b', 'a:b', 'a}:b', '\0', '\r\nhost: x', '*', 'ä', 'x'.repeat(100_000), '__proto__', 'constructor'];
export default {
  async fetch(request, env) {
    const texts = new Set();
    for (const name of NAMES) await env.DISPATCHER.get(name).fetch(request.url).catch((error) => texts.add(error.message));
    return new Response(`missing ${[...texts]}`);
  },
};
