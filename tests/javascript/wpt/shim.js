// What stands between a test file and the worker it runs in. `run` is the tests, wrapped in one function so that
// they start within a request: the top level of a worker has no timers, no randomness and no responses to wait for.

const file = { path: PATH, search: SEARCH, resources: RESOURCES };

function prepare() {
  // Tests ask for their own address, for files beside them, and what kind of global object they are in.
  const base = new URL(file.path + file.search, 'http://web-platform.test:8000');
  const own = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  if (typeof self === 'undefined') own('self', globalThis);
  const { href, origin, protocol, host, hostname, port, pathname, search, hash } = base;
  own('location', { href, origin, protocol, host, hostname, port, pathname, search, hash });
  // A class of pages by which the tests look into blobs.
  own('FileReader', FileReader);
  // The interfaces of a worker are the ones that have to be there.
  own('DedicatedWorkerGlobalScope', class { static [Symbol.hasInstance](value) { return value === globalThis; } });
  own('GLOBAL', { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false });
  const network = globalThis.fetch;
  own('fetch', async (input, init) => {
    const url = new URL(typeof input === 'string' ? input : input.url, base);
    const text = file.resources[url.pathname];
    return text === undefined ? network(input, init) : new Response(text);
  });
}

class FileReader extends EventTarget {
  result = null;
  #read(promise) {
    promise.then((result) => {
      this.result = result;
      const event = new Event('load');
      this.onload?.(event);
      this.dispatchEvent(event);
      this.onloadend?.(event);
    });
  }
  readAsText(blob) {
    this.#read(blob.text());
  }
  readAsArrayBuffer(blob) {
    this.#read(blob.arrayBuffer());
  }
}

addEventListener('fetch', (event) => event.respondWith(event.request.method === 'GET' ? answer() : new Response()));

async function answer() {
  prepare();
  const finished = new Promise((resolve) => {
    self.reportTo = (tests, status) => {
      const results = tests.map(({ name, status, message }) => [name.toWellFormed(), status, message?.toWellFormed() ?? null]);
      resolve({ status: status.status, message: status.message ?? null, results });
    };
  });
  let result;
  try {
    run();
    // The harness counts what is still pending as timed out.
    setTimeout(() => self.timeout(), PATIENCE_MS);
    result = await finished;
  } catch (error) {
    result = { status: 1, message: `${error}\n${error?.stack}`, results: [] };
  }
  return Response.json(result);
}
