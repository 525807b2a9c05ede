// Programs that use crypto.
import { get, handler, post } from '../shapes.mjs';

const hex = "const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');\n";

export function digest({ pick }) {
  return {
    code: hex + handler(`  return new Response(hex(await crypto.subtle.digest('${pick(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512', 'sha-256'])}', await request.arrayBuffer())));`),
    requests: [post('/', pick(['', 'hello', 'é'.repeat(999)]))],
  };
}

export function hmac({ pick, int }) {
  const hash = pick(['SHA-1', 'SHA-256', 'SHA-512']);
  return {
    code: hex + handler(`  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', encoder.encode('secret ${int(1, 99)}'), { name: 'HMAC', hash: '${hash}' }, false, ['sign', 'verify']);
  const body = encoder.encode(await request.text());
  const signature = await crypto.subtle.sign('HMAC', key, body);
  const forged = new Uint8Array(signature).with(0, 0);
  return Response.json({ signature: hex(signature), good: await crypto.subtle.verify('HMAC', key, signature, body), bad: await crypto.subtle.verify('HMAC', key, forged.fill(1), body), type: key.type, extractable: key.extractable, usages: key.usages, algorithm: [key.algorithm.name, key.algorithm.hash.name, key.algorithm.length] });`),
    requests: [post('/', pick(['payload', '', '茶']))],
  };
}

export function aes({ pick, int }) {
  const name = pick(['AES-GCM', 'AES-CBC', 'AES-CTR']);
  const parameters = { 'AES-GCM': `iv: new Uint8Array(12).fill(${int(1, 9)})`, 'AES-CBC': `iv: new Uint8Array(16).fill(${int(1, 9)})`, 'AES-CTR': 'counter: new Uint8Array(16), length: 64' }[name];
  return {
    code: hex + handler(`  const key = await crypto.subtle.importKey('raw', new Uint8Array(${pick([16, 32])}).fill(7), '${name}', true, ['encrypt', 'decrypt']);
  const algorithm = { name: '${name}', ${parameters} };
  const sealed = await crypto.subtle.encrypt(algorithm, key, new TextEncoder().encode('${pick(['message', '', 'ü'.repeat(20)])}'));
  const opened = new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, key, sealed));
  const jwk = await crypto.subtle.exportKey('jwk', key);
  return Response.json({ sealed: hex(sealed), opened, k: jwk.k, kty: jwk.kty, alg: jwk.alg });`),
    requests: [get('/')],
  };
}

export function derived({ pick, int }) {
  const name = pick(['PBKDF2', 'HKDF']);
  const parameters = name === 'PBKDF2' ? `salt, iterations: ${int(1, 500)}` : "salt, info: new Uint8Array([1, 2])";
  return {
    code: hex + handler(`  const salt = new TextEncoder().encode('salt');
  const base = await crypto.subtle.importKey('raw', new TextEncoder().encode('password'), '${name}', false, ['deriveBits', 'deriveKey']);
  const algorithm = { name: '${name}', hash: '${pick(['SHA-1', 'SHA-256', 'SHA-512'])}', ${parameters} };
  const bits = await crypto.subtle.deriveBits(algorithm, base, ${pick([128, 256, 512])});
  const key = await crypto.subtle.deriveKey(algorithm, base, { name: 'AES-GCM', length: 256 }, true, ['encrypt']);
  return Response.json([hex(bits), hex(await crypto.subtle.exportKey('raw', key))]);`),
    requests: [get('/')],
  };
}

export function signed({ pick }) {
  const [generate, use] = pick([
    ["{ name: 'ECDSA', namedCurve: 'P-256' }", "{ name: 'ECDSA', hash: 'SHA-256' }"],
    ["{ name: 'ECDSA', namedCurve: 'P-384' }", "{ name: 'ECDSA', hash: 'SHA-384' }"],
    ["{ name: 'Ed25519' }", "'Ed25519'"],
  ]);
  return {
    code: handler(`  const pair = await crypto.subtle.generateKey(${generate}, true, ['sign', 'verify']);
  const data = new Uint8Array([1, 2, 3]);
  const signature = await crypto.subtle.sign(${use}, pair.privateKey, data);
  const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const imported = await crypto.subtle.importKey('jwk', jwk, ${generate}, true, ['verify']);
  const good = await crypto.subtle.verify(${use}, imported, signature, data);
  const bad = await crypto.subtle.verify(${use}, imported, signature, new Uint8Array([3]));
  return Response.json({ length: signature.byteLength, good, bad, kty: jwk.kty, crv: jwk.crv, ops: jwk.key_ops, types: [pair.privateKey.type, pair.publicKey.type], usages: [pair.privateKey.usages, pair.publicKey.usages] });`),
    requests: [get('/')],
  };
}

export function randomness({ int }) {
  return {
    code: handler(`  const bytes = crypto.getRandomValues(new Uint8Array(${int(8, 64)}));
  const id = crypto.randomUUID();
  const names = [() => crypto.getRandomValues(new Uint8Array(65537)), () => crypto.getRandomValues(new Float32Array(1)), () => crypto.getRandomValues()];
  return Response.json({ isFilled: bytes.some((byte) => byte !== 0), isUuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id), differ: crypto.randomUUID() !== id, errors: names.map((run) => { try { run(); return 'fine'; } catch (error) { return error.name; } }), inRange: Math.random() < 1 });`),
    requests: [get('/')],
  };
}

export function cryptoErrors({ shuffle }) {
  const tries = shuffle(["crypto.subtle.digest('MD6', new Uint8Array())", "crypto.subtle.importKey('raw', new Uint8Array(5), 'AES-GCM', true, ['encrypt'])", "crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, ['sign'])", "crypto.subtle.importKey('jwk', { kty: 'oct' }, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])", "crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, [])", "crypto.subtle.importKey('raw', new Uint8Array(16), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']).then((key) => crypto.subtle.exportKey('raw', key))", "crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', true, ['decrypt']).then((key) => crypto.subtle.decrypt({ name: 'AES-CBC', iv: new Uint8Array(16) }, key, new Uint8Array(3)))"]).slice(0, 4);
  return {
    code: handler(`  const tries = [${tries.map((text) => `() => ${text}`).join(', ')}];
  return Response.json(await Promise.all(tries.map(async (run) => { try { await run(); return 'fine'; } catch (error) { return error.name; } })));`),
    requests: [get('/')],
  };
}

export function jwt({ pick, int }) {
  return {
    code: `const encode = (data) => btoa(String.fromCharCode(...new Uint8Array(data))).replace(/[+/=]/g, (letter) => ({ '+': '-', '/': '_', '=': '' })[letter]);
const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
const utf8 = new TextEncoder();
async function sign(payload, secret) {
  const key = await crypto.subtle.importKey('raw', utf8.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
  const head = [{ alg: 'HS256', typ: 'JWT' }, payload].map((part) => encode(utf8.encode(JSON.stringify(part)))).join('.');
  return { key, token: \`\${head}.\${encode(await crypto.subtle.sign('HMAC', key, utf8.encode(head)))}\` };
}
${handler(`  const { key, token } = await sign({ sub: '${pick(['ada', 'é'])}', n: ${int(1, 99)} }, 'secret');
  const [head, payload, signature] = token.split('.');
  const isGood = await crypto.subtle.verify('HMAC', key, decode(signature), utf8.encode(\`\${head}.\${payload}\`));
  return Response.json({ token, isGood, claims: JSON.parse(new TextDecoder().decode(decode(payload))) });`)}`,
    requests: [get('/')],
  };
}
