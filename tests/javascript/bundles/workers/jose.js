import { CompactEncrypt, SignJWT, compactDecrypt, errors, exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose';

// Each algorithm signs with a key made here and verifies with its public half as it would come from a key set.
async function roundTrip(alg) {
  let [sign, verify] = [new TextEncoder().encode('a secret of at least thirty-two bytes'), null];
  if (alg.startsWith('HS')) verify = sign;
  else {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    sign = privateKey;
    verify = await importJWK(await exportJWK(publicKey), alg);
  }
  const token = await new SignJWT({ scope: 'read' }).setProtectedHeader({ alg }).setSubject('ada').setIssuer('us').setExpirationTime('2h').setIssuedAt().sign(sign);
  const { payload, protectedHeader } = await jwtVerify(token, verify, { issuer: 'us' });
  const forged = token.slice(0, -8) + (token.endsWith('AAAAAAAA') ? 'BBBBBBBB' : 'AAAAAAAA');
  const refusal = await jwtVerify(forged, verify).then(() => 'taken', (error) => error.code);
  return { alg: protectedHeader.alg, sub: payload.sub, scope: payload.scope, refusal };
}

async function known(request) {
  const { token, jwk, alg } = await request.json();
  try {
    const { payload } = await jwtVerify(token, await importJWK(jwk, alg), { currentDate: new Date(1_700_000_000_000) });
    return { payload };
  } catch (error) {
    return { code: error.code, isExpired: error instanceof errors.JWTExpired };
  }
}

async function encrypted() {
  const key = new Uint8Array(32).map((_, index) => index);
  const jwe = await new CompactEncrypt(new TextEncoder().encode('hidden')).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key);
  const { plaintext } = await compactDecrypt(jwe, key);
  return { parts: jwe.split('.').length, text: new TextDecoder().decode(plaintext) };
}

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/known') return Response.json(await known(request));
    if (pathname === '/encrypted') return Response.json(await encrypted());
    return Response.json(await roundTrip(pathname.slice(1)));
  },
};
