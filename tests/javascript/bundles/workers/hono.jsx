/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { basicAuth } from 'hono/basic-auth';
import { cors } from 'hono/cors';
import { deleteCookie, getCookie, getSignedCookie, setCookie, setSignedCookie } from 'hono/cookie';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { jwt, sign } from 'hono/jwt';
import { secureHeaders } from 'hono/secure-headers';
import { streamSSE, streamText } from 'hono/streaming';

const app = new Hono();
app.use('*', async (c, next) => {
  await next();
  c.header('x-route', c.req.routePath ?? c.req.path);
});
app.use('/api/*', cors({ origin: ['https://shop.example'], allowMethods: ['GET', 'POST'], maxAge: 600 }));
app.use('/secure/*', secureHeaders());
app.use('/private/*', basicAuth({ username: 'ada', password: 'lovelace' }));
app.use('/token/*', jwt({ secret: 'key', alg: 'HS256' }));
app.use('/tagged', etag());

app.get('/', (c) => c.text('Hello Hono'));
app.get('/users/:id{[0-9]+}', (c) => c.json({ id: Number(c.req.param('id')), sort: c.req.query('sort') ?? null, tags: c.req.queries('tag') ?? [] }));
app.get('/files/*', (c) => c.text(c.req.path));
app.post('/api/items', async (c) => c.json({ ...(await c.req.json()), created: true }, 201));
app.post('/form', async (c) => {
  const { name, upload } = await c.req.parseBody();
  return c.text(`${name} ${upload?.name} ${await upload?.text()}`);
});
app.get('/cookie', async (c) => {
  const seen = getCookie(c, 'visits') ?? '0';
  const signed = await getSignedCookie(c, 'secret', 'user');
  setCookie(c, 'visits', String(Number(seen) + 1), { path: '/', httpOnly: true, sameSite: 'Lax' });
  await setSignedCookie(c, 'user', 'ada', 'secret');
  deleteCookie(c, 'old');
  return c.json({ seen, signed: signed ?? null });
});
app.get('/page', (c) => c.html(<Page title="Shop & Co" items={['tea', '<milk>']} />));
app.get('/stream', (c) => streamText(c, async (stream) => {
  for (const word of ['one', 'two', 'three']) {
    await stream.writeln(word);
    await stream.sleep(5);
  }
}));
app.get('/events', (c) => streamSSE(c, async (stream) => {
  for (let id = 0; id < 3; id++) await stream.writeSSE({ id: String(id), event: 'tick', data: `at ${id}` });
}));
app.get('/private/page', (c) => c.text('inside'));
app.get('/make-token', async (c) => c.text(await sign({ sub: 'ada', exp: 4102444800 }, 'key', 'HS256')));
app.get('/token/page', (c) => c.json(c.get('jwtPayload')));
app.get('/tagged', (c) => c.text('tagged'));
app.get('/secure/page', (c) => c.text('secure'));
app.get('/redirect', (c) => c.redirect('/page', 301));
app.get('/fails', () => { throw new HTTPException(418, { message: 'teapot' }) });
app.get('/breaks', () => { throw new Error('broken') });
app.notFound((c) => c.text(`nothing at ${c.req.path}`, 404));
app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text(`caught ${error.message}`, 500)));
app.route('/admin', new Hono().basePath('/v1').get('/status', (c) => c.json({ ok: true })));

function Page({ title, items }) {
  return (
    <html>
      <head><title>{title}</title></head>
      <body>{items.map((item) => <li class="item">{item}</li>)}</body>
    </html>
  );
}

export default app;
