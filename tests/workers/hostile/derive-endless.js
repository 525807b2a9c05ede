// A key derivation that would take days.
export default {
  async fetch(request, env, ctx) {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(16), 'PBKDF2', false, ['deriveBits']);
    await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(16), iterations: 4e9 }, key, 256);
  },
};
