// Writes and reads the same large object for ever.
export default {
  async fetch(request, env, ctx) {
    const object = {};
    for (let i = 0; i < 2000; i++) object['key' + i] = { i };
    for (;;) JSON.parse(JSON.stringify(object));
  },
};
