import * as v from 'valibot';

const Login = v.pipe(
  v.object({
    email: v.pipe(v.string(), v.trim(), v.email('not an address')),
    password: v.pipe(v.string(), v.minLength(8, 'too short')),
    again: v.string(),
  }),
  v.forward(v.partialCheck([['password'], ['again']], ({ password, again }) => password === again, 'not the same'), ['again']),
);

export default {
  async fetch(request) {
    const result = await v.safeParseAsync(Login, await request.json());
    return result.success ? Response.json(result.output) : Response.json(v.flatten(result.issues).nested, { status: 400 });
  },
};
