// node:timers/promises

function after(start, clear, value, { signal } = {}) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clear(id);
      reject(signal.reason);
    };
    const id = start(() => {
      signal?.removeEventListener("abort", abort);
      resolve(value);
    });
    signal?.addEventListener("abort", abort, { once: true });
  });
}

const global = globalThis;

export const setTimeout = (delay, value, options) =>
  after((done) => global.setTimeout(done, delay), global.clearTimeout, value, options);

export const setImmediate = (value, options) => after((done) => global.setImmediate(done), global.clearImmediate, value, options);

export async function* setInterval(delay, value, options) {
  for (;;) yield await setTimeout(delay, value, options);
}

export const scheduler = { wait: (delay, options) => setTimeout(delay, undefined, options), yield: () => setImmediate() };

export default { setTimeout, setImmediate, setInterval, scheduler };
