// A getter that reads itself.
export default {
  async fetch(request, env, ctx) {
    const object = { get self() { return this.self; } };
    return object.self;
  },
};
