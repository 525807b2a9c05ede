// Changes what the glue between workers might use, then calls.
for (const name of ['then', 'catch']) {
  const own = Promise.prototype[name];
  Promise.prototype[name] = function (...values) { return own.apply(this, values); };
}
Object.prototype.binding = Object.prototype.worker = Object.prototype.options = 'polluted';
Array.prototype[Symbol.iterator] = new Proxy(Array.prototype[Symbol.iterator], {});
export default {
  async fetch(request, env) {
    const fetcher = env.OTHER;
    const odd = [{}, null, Object.create(fetcher)].map((self) => {
      try {
        return fetcher.fetch.call(self, request.url) && 'called';
      } catch (error) {
        return error.name;
      }
    });
    return new Response(`${await (await fetcher.fetch(request.url)).text()} ${odd}`);
  },
};
