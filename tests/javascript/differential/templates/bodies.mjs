// Programs that read bodies.
import { get, handler, post } from '../shapes.mjs';

const texts = ['hello', '', 'Grüße 🍵', '{"a":1}', 'x'.repeat(2000), 'line\r\nline\n'];

export function textBody({ pick }) {
  return {
    code: handler(`  const text = await request.text();
  return Response.json({ text: text.slice(0, 20), length: text.length, points: [...text].length, upper: text.toUpperCase().slice(0, 9), used: request.bodyUsed });`),
    // Whether an empty body is one is told apart by workerd alone.
    requests: [post('/', pick(texts.filter(Boolean))), get('/')],
  };
}

export function jsonBody({ pick, int }) {
  const body = pick([`{"a":[1,2,{"b":null}],"n":${int(1, 99)}}`, '[]', '"text"', '{"a":1,"a":2}', '{"__proto__":{"x":1}}', '{bad', '', '1e400', '{"a":0.1,"b":1e21,"c":-0}']);
  return {
    code: handler(`  try {
    const data = await request.json();
    return Response.json({ type: Array.isArray(data) ? 'array' : typeof data, keys: Object.keys(Object(data)).slice(0, 9), data });
  } catch (error) {
    return Response.json({ error: error.name }, { status: 400 });
  }`),
    requests: [post('/', body, { 'content-type': 'application/json' }), post('/', JSON.stringify({ deep: { er: [[[]]] }, s: 'é\u2028' }))],
  };
}

export function bufferBody({ pick }) {
  return {
    code: handler(`  const buffer = await request.arrayBuffer();
  const bytes = new Uint8Array(buffer);
  const sum = bytes.reduce((sum, byte) => (sum + byte) % 65521, 0);
  const view = new DataView(buffer);
  return Response.json({ length: buffer.byteLength, sum, first: bytes.byteLength > 3 ? view.getUint32(0).toString(16) : null, hex: [...bytes.slice(0, 6)].map((byte) => byte.toString(16).padStart(2, '0')).join('') });`),
    requests: [post('/', pick(texts))],
  };
}

export function bytesBody({ pick }) {
  return {
    code: handler(`  const bytes = await request.bytes();
  bytes.reverse();
  return new Response(bytes.subarray(0, 10), { headers: { 'x-length': String(bytes.length), 'x-kind': bytes.constructor.name } });`),
    requests: [post('/', pick(['abc', 'hello world', '0123456789abcdef']))],
  };
}

export function urlEncodedForm({ pick, int }) {
  return {
    code: handler(`  const form = await request.formData();
  const all = [...form].map(([name, value]) => [name, value, typeof value]);
  form.set('extra', ${int(1, 9)});
  form.delete('a');
  return Response.json({ all, keys: [...form.keys()], b: form.getAll('b'), none: form.get('none'), extra: form.get('extra') });`),
    requests: [post('/', `a=1&b=2&b=${encodeURIComponent(pick(['é', 'x y', '&']))}&c=+&d`, { 'content-type': 'application/x-www-form-urlencoded' })],
  };
}

export function multipartForm({ pick, int }) {
  const content = pick(['file text', '', 'ü\r\n--x\r\n']);
  const body = `--edge\r\nContent-Disposition: form-data; name="title"\r\n\r\n${pick(['Tea', 'Käse'])}\r\n--edge\r\nContent-Disposition: form-data; name="upload"; filename="${pick(['a.txt', 'ü.txt', 'a b.csv'])}"\r\nContent-Type: text/csv\r\n\r\n${content}\r\n--edge--\r\n`;
  return {
    code: handler(`  const form = await request.formData();
  const file = form.get('upload');
  return Response.json({ title: form.get('title'), isFile: file instanceof File, name: file.name, type: file.type, size: file.size, text: await file.text(), n: ${int(1, 9)} });`),
    requests: [post('/', body, { 'content-type': 'multipart/form-data; boundary=edge' })],
  };
}

export function badForm({ pick }) {
  return {
    code: handler(`  try {
    const form = await request.formData();
    return Response.json([...form]);
  } catch (error) {
    return new Response(error.name, { status: 400 });
  }`),
    requests: [post('/', 'a=1', { 'content-type': pick(['text/plain', 'application/json', 'multipart/form-data']) }), post('/', '--x\r\n', { 'content-type': 'multipart/form-data; boundary=y' })],
  };
}

export function blobBody({ pick }) {
  return {
    code: handler(`  const blob = await request.blob();
  const part = blob.slice(${pick(['1, 4', '-3', '0, 2', '2'])}, 'text/x');
  const joined = new Blob([part, '-', new Uint8Array([33, 34]), part], { type: 'Text/Plain' });
  return Response.json({ type: blob.type, size: blob.size, part: await part.text(), partType: part.type, joined: await joined.text(), joinedType: joined.type });`),
    requests: [post('/', pick(['abcdef', '012345678', 'éüà']), { 'content-type': pick(['text/html;charset=utf-8', 'image/png', 'Text/CSV']) })],
  };
}

export function files({ pick, int }) {
  return {
    code: handler(`  const file = new File(['a', new Blob(['b']), new TextEncoder().encode('ç').buffer], '${pick(['a.txt', 'dir/x', 'ü.bin'])}', { type: 'application/x-test', lastModified: ${int(1, 1e9)} });
  const { name, size, type, lastModified } = file;
  return Response.json({ name, size, type, lastModified, text: await file.text(), isBlob: file instanceof Blob, tag: String(file), bytes: [...new Uint8Array(await file.arrayBuffer())] });`),
    requests: [get('/')],
  };
}

export function usedTwice({ pick }) {
  const [first, second] = [pick(['text', 'json', 'arrayBuffer']), pick(['text', 'blob', 'formData'])];
  return {
    code: handler(`  const seen = [request.bodyUsed];
  await request.${first}();
  seen.push(request.bodyUsed);
  try {
    await request.${second}();
    seen.push('read twice');
  } catch (error) {
    seen.push(error.name);
  }
  try {
    request.clone();
    seen.push('cloned');
  } catch (error) {
    seen.push(error.name);
  }
  return Response.json(seen);`),
    requests: [post('/', '{"a":1}')],
  };
}

export function cloned({ pick }) {
  return {
    code: handler(`  const copy = request.clone();
  const [one, two] = await Promise.all([request.text(), copy.text()]);
  const response = new Response(one + '|' + two, { status: ${pick([200, 202])}, headers: { 'x-a': 'b' } });
  const again = response.clone();
  again.headers.set('x-a', 'c');
  return Response.json({ body: await response.text(), same: (await again.text()).length, status: again.status, headers: [response.headers.get('x-a'), again.headers.get('x-a')], used: [request.bodyUsed, response.bodyUsed] });`),
    requests: [post('/', pick(['hello', 'Grüße 🍵', '{"a":1}']))],
  };
}

export function noBody({ pick }) {
  return {
    code: handler(`  const response = new Response(${pick(['null', 'undefined', ''])});
  const empty = new Response('');
  return Response.json({ request: request.body === null, response: response.body === null, empty: empty.body === null, text: await response.text(), used: [response.bodyUsed, empty.bodyUsed], type: [response.headers.get('content-type'), empty.headers.get('content-type')] });`),
    requests: [get('/')],
  };
}

export function formOut({ pick, int }) {
  return {
    code: handler(`  const form = new FormData();
  form.append('a', '${pick(['1', 'ü', 'x\\r\\ny'])}');
  form.append('file', new Blob(['data ${int(1, 9)}'], { type: 'text/plain' }), '${pick(['f.txt', 'q"uote.txt'])}');
  const response = new Response(form);
  const type = response.headers.get('content-type');
  const boundary = type.match(/boundary=(.+)$/)?.[1];
  const text = (await response.text()).replaceAll(boundary, 'B');
  const again = await new Response(form).formData();
  return Response.json({ type: type.split(';')[0], text, again: [again.get('a'), again.get('file').name, await again.get('file').text()] });`),
    requests: [get('/')],
  };
}

export function contentTypes({ shuffle }) {
  const bodies = shuffle(["'text'", 'new URLSearchParams({ a: 1 })', "new Blob(['x'], { type: 'image/gif' })", "new Blob(['x'])", 'new Uint8Array(2)', 'new ArrayBuffer(1)', 'null', "new DataView(new ArrayBuffer(3))", '{ toString: () => "object" }', '12', 'true', 'new ReadableStream()']).slice(0, 7);
  return {
    code: handler(`  const bodies = [${bodies.join(', ')}];
  return Response.json(bodies.map((body) => [new Response(body).headers.get('content-type'), new Request('http://x.example/', { method: 'POST', body, duplex: 'half' }).headers.get('content-type')]));`),
    requests: [get('/')],
  };
}
