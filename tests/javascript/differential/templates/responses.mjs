// Programs about making requests and responses.
import { get, handler } from '../shapes.mjs';

export function jsonResponses({ pick, int }) {
  const data = pick(['{ a: undefined, b: () => 1, c: Symbol("x"), d: null }', '[undefined, NaN, Infinity, -0]', '"text"', 'null', `{ date: new Date(${int(0, 1e9)}000), map: new Map([[1, 2]]), big: 2 ** 60 }`, '{ nested: { toJSON: () => "mine" } }']);
  return {
    code: handler(`  return Response.json(${data}, { status: ${pick([200, 201, 202, 400])}, headers: { 'x-a': '1'${pick(['', ", 'content-type': 'application/problem+json'"])} } });`),
    requests: [get('/')],
  };
}

export function badResponses({ shuffle }) {
  const tries = shuffle(['new Response("x", { status: 204 })', 'new Response(null, { status: 99 })', 'new Response(null, { status: 600 })', 'new Response(null, { statusText: "a\\nb" })', 'Response.json(undefined)', 'Response.json(1n)', 'Response.redirect("not a url")', 'new Response(null, { status: "201" }).status', 'new Response(null, { status: 304 }).status', 'Response.error().type', 'new Response("x", { status: 200.9 }).status', 'new Response(Symbol())', 'Response("x")']).slice(0, 8);
  return {
    code: handler(`  const tries = [${tries.map((text) => `() => ${text}`).join(', ')}];
  return Response.json(tries.map((run) => { try { const made = run(); return made instanceof Response ? made.status : made; } catch (error) { return error.name; } }));`),
    requests: [get('/')],
  };
}

export function responseProperties({ pick }) {
  return {
    code: handler(`  const response = new Response('${pick(['a', 'ü'])}', { status: ${pick([200, 299, 300, 404, 500])}, statusText: '${pick(['', 'Fine'])}' });
  const { status, statusText, ok, redirected, type, url, bodyUsed } = response;
  return Response.json({ status, statusText, ok, redirected, url, bodyUsed, tag: Object.prototype.toString.call(response), keys: Object.keys(response).length });`),
    requests: [get('/')],
  };
}

export function requestProperties({ pick }) {
  const method = pick(['GET', 'POST', 'put', 'Patch', 'custom']);
  return {
    code: handler(`  const made = new Request('https://example.com/a/../b?c#d', { method: '${method}', headers: { 'X-A': '1' }, redirect: '${pick(['follow', 'manual'])}' });
  const { method, url, redirect, bodyUsed } = made;
  const derived = new Request(made, { headers: { 'x-b': '2' } });
  return Response.json({ method, url, redirect, bodyUsed, headers: [...made.headers], derived: [...derived.headers], body: made.body, signal: made.signal?.aborted ?? null });`),
    requests: [get('/')],
  };
}

export function badRequests({ shuffle }) {
  const tries = shuffle(["new Request('/relative')", "new Request('https://a.example', { method: 'GET', body: 'x' })", "new Request('https://a.example', { method: 'bad method' })", "new Request('https://a.example', { headers: { 'a b': '1' } })", "new Request('https://a.example', { redirect: 'no' })", "new Request('https://u:p@a.example').url", "new Request('https://a.example').method", 'new Request()', "new Request('https://a.example', { signal: 'x' })", "new Request('https://a.example', { method: 'HEAD', body: new Blob() })"]).slice(0, 6);
  return {
    code: handler(`  const tries = [${tries.map((text) => `() => ${text}`).join(', ')}];
  return Response.json(tries.map((run) => { try { const made = run(); return made instanceof Request ? 'made' : made; } catch (error) { return error.name; } }));`),
    requests: [get('/')],
  };
}

export function rewrite({ pick, int }) {
  return {
    code: handler(`  const url = new URL(request.url);
  url.hostname = 'origin.example';
  url.pathname = url.pathname.replace(/^\\/p\\d+\\/old/, '/${pick(['new', 'v2/api'])}');
  const next = new Request(url, request);
  next.headers.set('x-forwarded-host', new URL(request.url).host);
  next.headers.delete('x-secret');
  return Response.json({ url: next.url, method: next.method, headers: [...next.headers].filter(([name]) => /^x-(a|secret|forwarded-host)$/.test(name)), body: await next.text(), n: ${int(1, 9)} });`),
    requests: [{ method: 'PUT', path: '/old/a?b', headers: { 'x-secret': 's', 'x-a': 'b' }, body: 'content' }],
  };
}

export function throwing({ pick }) {
  const what = pick(["throw new Error('no')", "throw new TypeError('type')", 'null.property', "throw 'text'", 'undefinedFunction()', "JSON.parse('{')", "await Promise.reject(new RangeError('late'))", 'return undefined', "return { status: 200 }"]);
  return { code: handler(`  ${what};`), requests: [get('/')], statusOnly: true };
}

export function errorPage({ pick }) {
  const kind = pick(['RangeError', 'SyntaxError', 'HttpError', 'AggregateError']);
  return {
    code: `class HttpError extends Error {
  constructor(status, message, options) {
    super(message, options);
    this.name = 'HttpError';
    this.status = status;
  }
  get isClient() { return this.status < 500; }
}
const fail = { RangeError: () => { throw new RangeError('far') }, SyntaxError: () => JSON.parse('no'), HttpError: () => { throw new HttpError(422, 'Not good', { cause: new Error('root') }) }, AggregateError: () => Promise.any([Promise.reject(1), Promise.reject(new Error('two'))]) };
${handler(`  try {
    await fail.${kind}();
  } catch (error) {
    return Response.json({ name: error.name, isError: error instanceof Error, cause: error.cause?.message, errors: error.errors?.map((each) => each?.message ?? each), hasStack: typeof error.stack === 'string', text: Object.prototype.toString.call(error) }, { status: error.status ?? 500 });
  }`)}`,
    requests: [get('/')],
  };
}

export function statusCodes({ int, pick }) {
  const status = pick([200, 201, 203, 206, 226, 400, 402, 410, 418, 429, 451, 500, 502, 503, 599]);
  return {
    code: handler(`  return new Response('status ${status}', { status: ${status}, headers: { 'retry-after': '${int(1, 120)}' } });`),
    requests: [get('/'), { method: 'HEAD', path: '/' }],
  };
}

export function htmlPage({ pick, shuffle }) {
  return {
    code: `const escape = (text) => text.replace(/[&<>"']/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[letter]);
const html = (strings, ...values) => strings.raw.reduce((text, part, i) => text + part + (i < values.length ? [values[i]].flat().join('') : ''), '');
${handler(`  const name = new URL(request.url).searchParams.get('name') ?? 'you';
  const items = ${JSON.stringify(shuffle(['tea', 'milk', '<b>', 'é']))};
  const page = html\`<!doctype html>
<title>\${escape(name)}</title>
<ul>\${items.map((item) => html\`<li>\${escape(item)}</li>\`)}</ul>\`;
  return new Response(page, { headers: { 'content-type': 'text/html;charset=UTF-8', 'content-security-policy': "default-src '${pick(['self', 'none'])}'" } });`)}`,
    requests: [get(`/?name=${encodeURIComponent(pick(['<script>', "O'Neil", 'Ada']))}`)],
  };
}
