// Promises that nobody settles.
export default {
  async fetch(request, env, ctx) {
    const all = [];
    for (;;) all.push(new Promise(() => {}).then(() => {}));
  },
};
