// Throws what throws when it is looked at.
export default {
  async fetch(request, env, ctx) {
    throw { get message() { throw 1; }, get stack() { throw 2; }, toString() { throw 3; } };
  },
};
