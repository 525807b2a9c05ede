// Header fields without end.
export default {
  async fetch(request, env, ctx) {
    const headers = new Headers();
    for (let i = 0; ; i++) headers.append('x-' + i, 'y'.repeat(100));
  },
};
