// Sets and reads 20 headers.
export default {
  fetch() {
    const headers = new Headers();
    for (let i = 0; i < 20; i++) headers.set(`x-header-${i}`, `value ${i}`);
    let length = 0;
    for (let i = 0; i < 20; i++) length += headers.get(`X-Header-${i}`).length;
    return new Response(`${length}\n`, { headers });
  },
};
