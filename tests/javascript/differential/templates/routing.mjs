// Programs that lead requests to handlers.
import { get, handler, post } from '../shapes.mjs';

export function patternList({ pick, int }) {
  const [thing, id] = [pick(['users', 'items', 'orders']), int(1, 999)];
  return {
    code: `const routes = [
  ['GET', /^\\/p\\d+\\/${thing}\\/(\\d+)$/, (request, [id]) => Response.json({ id: Number(id) })],
  ['GET', /^\\/p\\d+\\/${thing}$/, () => Response.json([${int(1, 5)}, ${int(6, 9)}])],
  ['POST', /^\\/p\\d+\\/${thing}$/, async (request) => Response.json(await request.json(), { status: 201 })],
];
${handler(`  const { pathname } = new URL(request.url);
  for (const [method, pattern, run] of routes) {
    const match = pathname.match(pattern);
    if (match && method === request.method) return run(request, match.slice(1));
  }
  return new Response('Not found', { status: 404 });`)}`,
    requests: [get(`/${thing}/${id}`), post(`/${thing}`, JSON.stringify({ name: pick(['tea', 'Käse', '茶']), id }))],
  };
}

export function switchOnPath({ pick, int }) {
  const path = pick(['/health', '/version', '/nothing', '/']);
  return {
    code: handler(`  const path = new URL(request.url).pathname.replace(/^\\/p\\d+/, '');
  switch (path) {
    case '/health': return new Response(null, { status: 204 });
    case '/version': return new Response('v${int(1, 9)}.${int(0, 9)}', { headers: { 'cache-control': 'no-store' } });
    case '/': return new Response('<h1>Home</h1>', { headers: { 'content-type': 'text/html; charset=utf-8' } });
    default: return new Response(\`No \${path}\`, { status: 404, statusText: 'Missing' });
  }`),
    requests: [get(path), get('/else')],
  };
}

export function methodTable({ pick }) {
  const allowed = pick([['GET', 'HEAD'], ['GET', 'POST'], ['POST', 'PUT', 'DELETE']]);
  return {
    code: handler(`  const allowed = ${JSON.stringify(allowed)};
  if (!allowed.includes(request.method)) {
    return new Response(\`\${request.method} is not allowed\`, { status: 405, headers: { Allow: allowed.join(', ') } });
  }
  return new Response(request.method.toLowerCase());`),
    requests: [{ method: pick(['PATCH', 'DELETE', 'PUT']), path: '/x' }, get('/y')],
  };
}

export function classRouter({ pick, int }) {
  const parameter = pick(['shop', 'id', 'slug']);
  return {
    code: `class Router {
  #routes = [];
  static #split = (path) => path.split('/').filter(Boolean);
  on(method, path, run) {
    this.#routes.push({ method, parts: Router.#split(path), run });
    return this;
  }
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const parts = Router.#split(url.pathname).slice(1);
    for (const { method, parts: wanted, run } of this.#routes) {
      if (method !== request.method || wanted.length !== parts.length) continue;
      const params = {};
      const fits = wanted.every((part, i) => (part.startsWith(':') ? ((params[part.slice(1)] = decodeURIComponent(parts[i])), true) : part === parts[i]));
      if (fits) return run({ request, params, query: Object.fromEntries(url.searchParams) });
    }
    return new Response(null, { status: 404 });
  }
}
export default new Router()
  .on('GET', '/a/:${parameter}', ({ params, query }) => Response.json({ ...params, ...query }))
  .on('GET', '/b', () => new Response('b${int(0, 99)}'));`,
    requests: [get(`/a/${encodeURIComponent(pick(['tea house', 'ä/ö', '100%']))}?x=${int(0, 9)}`), get('/b')],
  };
}

export function middleware({ pick, int }) {
  return {
    code: `const timing = (next) => async (request) => {
  const response = await next(request);
  response.headers.append('x-steps', 'timing');
  return response;
};
const guard = (next) => async (request) => {
  if (request.headers.get('authorization') !== 'Bearer ${pick(['abc', 'def'])}') return new Response('Who are you?', { status: 401, headers: { 'www-authenticate': 'Bearer' } });
  const response = await next(request);
  response.headers.append('x-steps', 'guard');
  return response;
};
const compose = (...layers) => (last) => layers.reduceRight((next, layer) => layer(next), last);
const run = compose(timing, guard)(async (request) => new Response('inside ${int(1, 100)}', { headers: { 'x-steps': 'handler' } }));
export default { fetch: (request) => run(request) };`,
    requests: [get('/', { authorization: 'Bearer abc' }), get('/')],
  };
}

export function urlPatternRoutes({ pick, int }) {
  const pattern = pick(['/:prefix/books/:id(\\\\d+)', '/:prefix/books/:id.:ext', '/*/books/:id?', '/:prefix/books{/:id}*']);
  return {
    code: handler(`  const pattern = new URLPattern({ pathname: '${pattern}' });
  const match = pattern.exec(request.url);
  return Response.json({ test: pattern.test(request.url), groups: Object.entries(match?.pathname.groups ?? {}).sort(), pathname: pattern.pathname });`),
    requests: [get(`/books/${int(1, 99)}`), get(`/books/${pick(['a.txt', 'x', '1/2'])}`)],
  };
}

export function urlPatternParts({ pick }) {
  const host = pick(['*.example.com', ':tenant.example.com', '{:sub.}?example.com']);
  return {
    code: handler(`  const pattern = new URLPattern({ protocol: 'http{s}?', hostname: '${host}', pathname: '/:rest*', search: '*' });
  const urls = ['https://a.example.com/x/y?z=1', 'http://example.com/', 'https://b.c.example.com/q', 'ftp://a.example.com/'];
  return Response.json(urls.map((url) => { const match = pattern.exec(url); return match && [match.hostname.groups, match.pathname.input, match.search.input]; }));`),
    requests: [get('/')],
  };
}

export function redirects({ pick, int }) {
  const status = pick([301, 302, 303, 307, 308]);
  return {
    code: `const moved = new Map([['/old', '/new'], ['/blog', 'https://blog.example/?from=${int(1, 9)}'], ['/sp ace', '/a b']]);
${handler(`  const { pathname, origin } = new URL(request.url);
  const to = moved.get(decodeURIComponent(pathname.replace(/^\\/p\\d+/, '')));
  if (to) return Response.redirect(new URL(to, origin), ${status});
  try {
    return Response.redirect('https://x.example/', ${pick([200, 304, 404])});
  } catch (error) {
    return new Response(error.name, { status: 400 });
  }`)}`,
    requests: [get(pick(['/old', '/blog', '/sp%20ace'])), get('/other')],
  };
}

export function hostAndScheme({ pick }) {
  return {
    code: handler(`  const url = new URL(request.url);
  const { protocol, hostname, port, pathname, hash, username } = url;
  url.protocol = 'https:';
  url.hostname = '${pick(['www.example.com', 'EXAMPLE.org', 'bücher.example'])}';
  url.port = '${pick(['', '8443', '443'])}';
  return Response.json({ protocol, hostname, port, hash, username, length: pathname.length, moved: url.href.replace(/p\\d+/, 'p') });`),
    requests: [get('/a/b?c=d')],
  };
}

export function abTest({ int }) {
  return {
    code: handler(`  const hash = (text) => [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.codePointAt(0)) >>> 0, ${int(1, 99)});
  const cookie = request.headers.get('cookie') ?? '';
  const group = cookie.match(/(?:^|;\\s*)group=(?<group>[ab])/)?.groups.group ?? 'ab'[hash(request.headers.get('user-agent') ?? '') % 2];
  return new Response(\`group \${group}\`, { headers: { 'set-cookie': \`group=\${group}; Path=/; Secure\`, vary: 'cookie' } });`),
    requests: [get('/', { 'user-agent': `agent-${int(0, 999)}` }), get('/', { cookie: 'x=1; group=b' })],
  };
}
