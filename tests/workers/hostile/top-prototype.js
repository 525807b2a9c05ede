// Breaks the engine's own objects before its first request: its image is made of what is left.
Object.defineProperty(Object.prototype, 'fetch', { get() { throw new Error('mine'); } });
Promise.prototype.then = () => { throw new Error('mine'); };
globalThis.Response = globalThis.Request = globalThis.Headers = null;
export default { fetch() { return new Response('x'); } };
