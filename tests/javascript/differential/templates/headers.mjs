// Programs that read and write header fields.
import { get, handler } from '../shapes.mjs';

export function echoHeaders({ pick, int }) {
  const name = pick(['X-One', 'x-two', 'X-THREE']);
  return {
    code: handler(`  const seen = [...request.headers].filter(([name]) => /^x-(one|two|three|other)$/.test(name));
  return Response.json({ seen, has: request.headers.has('${name}'), none: request.headers.get('x-none'), case: request.headers.get('${name.toUpperCase()}') });`),
    requests: [get('/', { [name]: `v${int(1, 9)}`, 'x-other': pick(['a, b', 'a;q=0.5', '"quoted"', '  padded  ']) })],
  };
}

export function setCookies({ int, pick }) {
  return {
    code: handler(`  const headers = new Headers({ 'content-type': 'text/plain' });
  headers.append('Set-Cookie', 'a=${int(0, 9)}; Path=/');
  headers.append('set-cookie', 'b=2; Expires=Wed, 21 Oct ${int(2026, 2040)} 07:28:00 GMT; ${pick(['HttpOnly', 'Secure', 'SameSite=Strict'])}');
  const all = headers.getSetCookie();
  const copy = new Headers(headers);
  copy.append('set-cookie', 'c=3');
  return new Response(JSON.stringify([all, headers.get('set-cookie'), copy.getSetCookie().length, [...headers].length]), { headers });`),
    requests: [get('/')],
  };
}

export function cookieJar({ pick, int }) {
  return {
    code: handler(`  const cookies = Object.fromEntries((request.headers.get('cookie') ?? '').split(/;\\s*/).filter(Boolean).map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
  }));
  const response = Response.json(cookies);
  for (const name of Object.keys(cookies)) response.headers.append('set-cookie', \`\${name}=; Max-Age=0\`);
  if (!cookies.session) response.headers.append('set-cookie', 'session=${int(1000, 9999)}');
  return response;`),
    requests: [get('/', { cookie: `theme=${pick(['dark', 'light'])}; name=${encodeURIComponent(pick(['Ada L', 'é=ö']))}; empty=` }), get('/')],
  };
}

export function appendSetDelete({ pick, shuffle }) {
  const steps = shuffle(["append('x-a', '1')", "append('X-A', '2')", "set('x-b', 'only')", "delete('x-b')", "append('accept', 'text/html')", "append('Accept', '*/*')", "set('x-a', 'new')"]);
  return {
    code: handler(`  const headers = new Headers([['x-a', '0'], ['accept', 'a/b']]);
${steps.slice(0, 5).map((step) => `  headers.${step};`).join('\n')}
  return Response.json({ entries: [...headers.entries()], keys: [...headers.keys()], values: [...headers.values()], has: headers.has('${pick(['x-a', 'X-B', 'x-c'])}') });`),
    requests: [get('/')],
  };
}

export function badHeaders({ shuffle }) {
  const tries = shuffle(["new Headers({ 'bad name': 'x' })", "new Headers({ x: 'line\\nbreak' })", "new Headers([['only']])", "new Headers({ '': 'x' })", "new Headers().append('x', 'ü')", "new Headers().append('x', '€')", "new Headers({ x: ' trimmed ' }).get('x')", "new Headers([['a', 'b', 'c']])", "new Headers(null)", "new Headers({ x: '\\0' })"]);
  return {
    code: handler(`  const tries = [${tries.slice(0, 6).map((text) => `() => ${text}`).join(', ')}];
  return Response.json(tries.map((run) => { try { const made = run(); return typeof made === 'string' ? made : 'fine'; } catch (error) { return error.constructor.name; } }));`),
    requests: [get('/')],
  };
}

export function immutableHeaders({ pick }) {
  const act = pick(["request.headers.set('x-a', '1')", "request.headers.delete('host')", "request.headers.append('x-a', '1')"]);
  return {
    code: handler(`  let outcome = 'changed';
  try {
    ${act};
  } catch (error) {
    outcome = error.name;
  }
  const copy = new Request(request);
  copy.headers.set('x-a', 'new');
  return Response.json({ outcome, copy: copy.headers.get('x-a'), original: request.headers.get('x-a') });`),
    requests: [get('/', { 'x-a': 'old' })],
  };
}

export function conditional({ int, pick }) {
  const tag = `"${int(100, 999)}"`;
  return {
    code: handler(`  const etag = '${tag}';
  const known = (request.headers.get('if-none-match') ?? '').split(',').map((text) => text.trim().replace(/^W\\//, ''));
  const headers = { etag, 'cache-control': 'public, max-age=${pick([60, 3600])}, stale-while-revalidate=30', 'last-modified': new Date(${int(1e9, 1.7e9)}000).toUTCString() };
  if (known.includes(etag) || known.includes('*')) return new Response(null, { status: 304, headers });
  return new Response('fresh', { headers });`),
    requests: [get('/', { 'if-none-match': pick([tag, `W/${tag}, "x"`, '*']) }), get('/', { 'if-none-match': '"other"' })],
  };
}

export function corsHeaders({ pick }) {
  const origin = pick(['https://app.example', 'https://evil.example', 'null']);
  return {
    code: `const allowed = new Set(['https://app.example', 'https://admin.example']);
${handler(`  const origin = request.headers.get('Origin');
  const cors = allowed.has(origin) ? { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true', Vary: 'Origin' } : {};
  if (request.method === 'OPTIONS') {
    return new Response(null, { status: 204, headers: { ...cors, 'Access-Control-Allow-Methods': 'GET,POST', 'Access-Control-Allow-Headers': request.headers.get('access-control-request-headers') ?? '' } });
  }
  return Response.json({ cors: origin !== null && allowed.has(origin) }, { headers: cors });`)}`,
    requests: [{ method: 'OPTIONS', path: '/', headers: { origin, 'access-control-request-headers': 'content-type,x-a' } }, get('/', { origin: 'https://admin.example' })],
  };
}

export function negotiate({ pick, shuffle }) {
  const accept = shuffle(['text/html', 'application/json;q=0.9', 'text/plain;q=0.5', '*/*;q=0.1']).join(', ');
  return {
    code: handler(`  const wanted = (request.headers.get('accept') ?? '*/*').split(',').map((part) => {
    const [type, ...parameters] = part.split(';').map((text) => text.trim());
    return { type, q: Number(parameters.find((text) => text.startsWith('q='))?.slice(2) ?? 1) };
  }).toSorted((a, b) => b.q - a.q);
  const type = wanted.map(({ type }) => type).find((type) => ['application/json', 'text/plain'].includes(type)) ?? 'text/html';
  return new Response(JSON.stringify(wanted), { headers: { 'content-type': type, 'content-language': '${pick(['en', 'de-CH'])}' } });`),
    requests: [get('/', { accept })],
  };
}

export function copyResponseHeaders({ pick, int }) {
  return {
    code: handler(`  const origin = new Response('body', { status: ${pick([200, 201, 404])}, headers: { 'x-powered-by': 'php', 'x-keep': '${int(1, 9)}', 'set-cookie': 'a=1' } });
  const response = new Response(origin.body, origin);
  response.headers.delete('x-powered-by');
  response.headers.set('x-frame-options', '${pick(['DENY', 'SAMEORIGIN'])}');
  response.headers.append('set-cookie', 'b=2');
  return response;`),
    requests: [get('/')],
  };
}

export function hops({ pick }) {
  return {
    code: handler(`  const list = request.headers.get('x-hops')?.split(',').map((text) => text.trim()) ?? [];
  const { 0: client = null, length } = list;
  const map = new Map(Object.entries({ client, last: list.at(-1) ?? null, length }));
  return Response.json(Object.fromEntries(map));`),
    requests: [get('/', { 'x-hops': pick(['10.0.0.1', '10.0.0.1, 192.0.2.7', '2001:db8::1, 10.1.1.1,10.2.2.2']) }), get('/')],
  };
}

export function latinValues({ pick }) {
  return {
    code: handler(`  const headers = new Headers();
  headers.set('x-text', '${pick(['caf\\u00e9', '\\u00fcber', 'na\\u00efve'])}');
  headers.set('content-disposition', \`attachment; filename*=UTF-8''\${encodeURIComponent('${pick(['é.txt', '茶.pdf', 'a b.csv'])}')}\`);
  return new Response(headers.get('x-text').length, { headers: { 'content-disposition': headers.get('content-disposition') } });`),
    requests: [get('/')],
  };
}
