// An error with ten thousand causes.
export default {
  async fetch(request, env, ctx) {
    let error = new Error('first');
    for (let i = 0; i < 10000; i++) error = new Error('next', { cause: error });
    throw error;
  },
};
