// Opens bodies and reads none of them.
export default {
  async fetch(request, env, ctx) {
    const origin = request.headers.get('x-origin');
    const all = [];
    for (let i = 0; i < 5; i++) all.push(await fetch(`${origin}/endless`));
    return new Response('opened');
  },
};
