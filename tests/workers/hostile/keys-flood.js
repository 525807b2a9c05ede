// RSA keys side by side.
export default {
  async fetch(request, env, ctx) {
    const rsa = { name: 'RSA-PSS', modulusLength: 4096, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
    await Promise.all(Array.from({ length: 50 }, () => crypto.subtle.generateKey(rsa, false, ['sign', 'verify'])));
  },
};
