// Programs about promises, timers, events and aborting.
import { get, handler } from '../shapes.mjs';

export function order({ shuffle }) {
  const steps = shuffle(["Promise.resolve().then(() => log('then'))", "queueMicrotask(() => log('micro'))", "setTimeout(() => log('timeout 0'), 0)", "setTimeout(() => log('timeout 5'), 5)", "(async () => { log('sync'); await null; log('after await'); })()", "new Promise((resolve) => { log('executor'); resolve(); }).then(() => log('resolved'))", "Promise.reject().catch(() => log('caught')).finally(() => log('finally'))"]);
  return {
    code: handler(`  const seen = [];
  const log = (text) => seen.push(text);
${steps.map((step) => `  ${step};`).join('\n')}
  await new Promise((resolve) => setTimeout(resolve, 30));
  return Response.json(seen);`),
    requests: [get('/')],
  };
}

export function combinators({ int }) {
  return {
    code: handler(`  const after = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
  const fail = (value) => Promise.reject(new Error(value));
  const all = await Promise.all([after(8, 'a'), 'b', after(${int(1, 4)}, 'c')]);
  const settled = await Promise.allSettled([fail('x'), after(1, ${int(1, 9)})]);
  const race = await Promise.race([after(25, 'slow'), after(2, 'fast')]);
  const any = await Promise.any([fail('y'), after(2, 'any')]);
  const { promise, resolve } = Promise.withResolvers();
  resolve('later');
  const thenable = await { then: (done) => done('thenable') };
  const tried = await Promise.try(() => { throw new TypeError('t'); }).catch((error) => error.name);
  return Response.json({ all, settled: settled.map(({ status, value, reason }) => [status, value ?? reason.message]), race, any, later: await promise, thenable, tried });`),
    requests: [get('/')],
  };
}

export function timers({ int }) {
  return {
    code: handler(`  const seen = [];
  const began = Date.now();
  let ticks = 0;
  await new Promise((done) => {
    const interval = setInterval((word) => { seen.push(word); if (++ticks === 3) { clearInterval(interval); done(); } }, ${int(1, 5)}, 'tick');
    const never = setTimeout(() => seen.push('never'), 2);
    clearTimeout(never);
    clearTimeout(undefined);
  });
  await scheduler.wait(5);
  return Response.json({ seen, isLater: Date.now() >= began, type: typeof performance.now() });`),
    requests: [get('/')],
  };
}

export function aborting({ pick }) {
  return {
    code: handler(`  const controller = new AbortController();
  const { signal } = controller;
  const seen = [];
  signal.addEventListener('abort', (event) => seen.push(event.type, event.target === signal), { once: true });
  signal.onabort = () => seen.push('handler');
  controller.abort(${pick(['', "new Error('mine')", "'reason'"])});
  controller.abort('again');
  try { signal.throwIfAborted(); } catch (error) { seen.push(error?.name ?? error); }
  const timeout = AbortSignal.timeout(3);
  await new Promise((resolve) => timeout.addEventListener('abort', resolve));
  const any = AbortSignal.any([new AbortController().signal, AbortSignal.abort('first')]);
  return Response.json({ seen, aborted: signal.aborted, timeout: timeout.reason.name, any: [any.aborted, any.reason], fetched: await fetch('http://x.example/', { signal }).catch((error) => error?.name ?? error) });`),
    requests: [get('/')],
  };
}

export function events({ pick }) {
  return {
    code: `class Bus extends EventTarget {
  emit(type, detail) { return this.dispatchEvent(new CustomEvent(type, { detail, cancelable: true })); }
}
${handler(`  const bus = new Bus();
  const seen = [];
  const object = { handleEvent(event) { seen.push('object ' + event.detail); } };
  bus.addEventListener('a', (event) => { seen.push(event.detail); if (event.detail === ${pick([1, 2])}) event.preventDefault(); });
  bus.addEventListener('a', object, { once: true });
  const stop = new AbortController();
  bus.addEventListener('a', () => seen.push('signal'), { signal: stop.signal });
  seen.push(bus.emit('a', 1));
  stop.abort();
  seen.push(bus.emit('a', 2));
  bus.removeEventListener('a', object);
  const event = new Event('x', { bubbles: true });
  return Response.json({ seen, event: [event.type, event.bubbles, event.cancelable, event.defaultPrevented, event.target] });`)}`,
    requests: [get('/')],
  };
}

export function backgroundWork({ int }) {
  return {
    code: handler(`  let done = false;
  ctx.waitUntil(scheduler.wait(${int(1, 5)}).then(() => { done = true; }));
  ctx.waitUntil('not a promise');
  const before = done;
  await scheduler.wait(15);
  return Response.json({ before, done, types: [typeof ctx.waitUntil, typeof ctx.passThroughOnException, typeof env] });`),
    requests: [get('/')],
  };
}

export function retry({ int }) {
  return {
    code: `async function retry(run, { times = 3, wait = 1 } = {}) {
  for (let i = 1; ; i++) {
    try {
      return await run(i);
    } catch (error) {
      if (i >= times) throw new Error(\`gave up after \${i}\`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, wait * 2 ** i));
    }
  }
}
${handler(`  const tries = [];
  const outcome = await retry(async (i) => { tries.push(i); if (i < ${int(1, 5)}) throw new Error('not yet'); return 'done'; }).catch((error) => [error.message, error.cause.message]);
  return Response.json({ tries, outcome });`)}`,
    requests: [get('/')],
  };
}

export function pool({ int, shuffle }) {
  return {
    code: `async function map(list, limit, run) {
  const results = [];
  const entries = list.entries();
  const worker = async () => { for (const [i, value] of entries) results[i] = await run(value); };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}
${handler(`  let [active, most] = [0, 0];
  const results = await map(${JSON.stringify(shuffle([1, 2, 3, 4, 5, 6]))}, ${int(1, 4)}, async (n) => {
    most = Math.max(most, ++active);
    await scheduler.wait(n % 3);
    active--;
    return n * 10;
  });
  return Response.json({ results, most });`)}`,
    requests: [get('/')],
  };
}

export function failedFetch({ pick }) {
  return {
    code: handler(`  const seen = [];
  for (const run of [() => fetch('${pick(['not a url', 'ftp://x.example/', '/relative'])}'), () => fetch('https://x.example', { method: 'GET', body: 'x' }), () => fetch('http://x.example', { headers: { 'bad name': '1' } })]) {
    try { await run(); seen.push('fine'); } catch (error) { seen.push(error.name); }
  }
  return Response.json(seen);`),
    requests: [get('/')],
  };
}
