import { AutoRouter, cors, error, json, withParams } from 'itty-router';

const { preflight } = cors({ origin: 'https://shop.example' });
const router = AutoRouter({ before: [preflight, withParams], catch: (cause) => error(cause.status ?? 500, cause.message) });
const items = new Map([['1', { id: '1', name: 'tea' }]]);

router
  .get('/items', () => [...items.values()])
  .get('/items/:id', ({ id }) => items.get(id) ?? error(404, 'no such item'))
  .post('/items', async (request) => json(await request.json(), { status: 201 }))
  .get('/query', ({ query }) => query)
  .get('/path/:rest+', ({ rest }) => ({ rest }))
  .get('/breaks', () => { throw new Error('broken') });

export default { ...router };
