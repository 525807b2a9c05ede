import { Marked } from 'marked';

const marked = new Marked({
  gfm: true,
  renderer: { link: ({ href, text }) => `<a rel="nofollow" href="${href}">${text}</a>` },
});

export default {
  async fetch(request) {
    const html = await marked.parse(await request.text());
    return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } });
  },
};
