// Long URLs read for ever.
export default {
  async fetch(request, env, ctx) {
    const long = 'http://example.com/' + 'a/../'.repeat(5000);
    for (;;) new URL(long).searchParams.append('a', 'b');
  },
};
