// Copies what it is sent over and over.
export default {
  async fetch(request, env, ctx) {
    const copies = [];
    for (let i = 0; i < 100; i++) copies.push(request.clone().arrayBuffer());
    await Promise.all(copies);
    return new Response('kept');
  },
};
