import { Hono } from 'hono';
import { zValidator } from '@hono/zod-validator';
import { z } from 'zod';

const Order = z.object({
  id: z.uuid(),
  email: z.email().transform((text) => text.toLowerCase()),
  items: z.array(z.object({ name: z.string().min(1), count: z.number().int().positive().default(1) })).nonempty(),
  kind: z.discriminatedUnion('type', [
    z.object({ type: z.literal('post'), street: z.string() }),
    z.object({ type: z.literal('pickup'), at: z.iso.datetime() }),
  ]),
}).strict();

const app = new Hono();
app.post('/orders', async (c) => {
  const result = Order.safeParse(await c.req.json());
  if (result.success) return c.json(result.data);
  return c.json(result.error.issues.map(({ code, path, message }) => ({ code, path: path.join('.'), message })), 422);
});
app.get('/search', zValidator('query', z.object({ q: z.string(), page: z.coerce.number().min(1).catch(1) })), (c) => c.json(c.req.valid('query')));
app.get('/schema', (c) => c.json(z.toJSONSchema(z.object({ name: z.string().optional(), age: z.number().max(150) }))));
export default app;
