// Calls itself until the stack ends.
export default {
  async fetch(request, env, ctx) {
    const again = () => again() + 1;
    return again();
  },
};
