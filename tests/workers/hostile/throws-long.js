// Throws an error of a million letters.
export default {
  async fetch(request, env, ctx) {
    const error = new Error('x'.repeat(1e6));
    error.stack = 'y'.repeat(1e6);
    throw error;
  },
};
