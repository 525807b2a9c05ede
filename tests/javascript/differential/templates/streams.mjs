// Programs that read and write bodies as streams.
import { get, handler, post } from '../shapes.mjs';

export function generated({ int, pick }) {
  return {
    code: handler(`  const encoder = new TextEncoder();
  let left = ${int(2, 9)};
  const stream = new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(encoder.encode(\`${pick(['chunk', 'é'])} \${left}\\n\`));
      else controller.close();
    },
  });
  return new Response(stream, { headers: { 'content-type': 'text/plain' } });`),
    requests: [get('/')],
  };
}

export function upperCase({ pick }) {
  return {
    code: handler(`  const upper = new TransformStream({ transform(chunk, controller) { controller.enqueue(chunk.toUpperCase()); }, flush(controller) { controller.enqueue('${pick(['!', '.', '—'])}'); } });
  const body = request.body.pipeThrough(new TextDecoderStream()).pipeThrough(upper).pipeThrough(new TextEncoderStream());
  return new Response(body);`),
    requests: [post('/', pick(['hello streams', 'straße', '茶'.repeat(50)]))],
  };
}

export function identity({ pick }) {
  return {
    code: handler(`  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  const encoder = new TextEncoder();
  const writing = (async () => {
    for (const word of ${JSON.stringify(pick([['a', 'b', 'c'], ['one ', 'two '], ['x']]))}) await writer.write(encoder.encode(word));
    await writer.close();
  })();
  ctx.waitUntil(writing);
  return new Response(readable);`),
    requests: [get('/')],
  };
}

export function pipeInBackground({ int }) {
  return {
    code: handler(`  const { readable, writable } = new TransformStream();
  const source = new Response('${'0123456789'.repeat(int(1, 30))}').body;
  ctx.waitUntil(source.pipeTo(writable));
  return new Response(readable, { headers: { 'x-streamed': 'yes' } });`),
    requests: [get('/')],
  };
}

export function teed({ pick }) {
  return {
    code: handler(`  const [one, two] = request.body.tee();
  const [first, second] = await Promise.all([new Response(one).text(), new Response(two).arrayBuffer()]);
  return Response.json({ first, second: second.byteLength, locked: request.body.locked, used: request.bodyUsed });`),
    requests: [post('/', pick(['to both', 'é'.repeat(99), 'x']))],
  };
}

export function reader({ pick }) {
  return {
    code: handler(`  const reader = request.body.getReader();
  let [size, done] = [0, false];
  const decoder = new TextDecoder();
  let text = '';
  while (!done) {
    const result = await reader.read();
    done = result.done;
    if (result.value) {
      size += result.value.byteLength;
      text += decoder.decode(result.value, { stream: true });
    }
  }
  text += decoder.decode();
  const after = await reader.read();
  await reader.closed;
  return Response.json({ size, length: text.length, after, last: text.slice(-3) });`),
    requests: [post('/', pick(['short', 'ü'.repeat(700), '🍵🍵']))],
  };
}

export function asyncIteration({ int }) {
  return {
    code: handler(`  const stream = ReadableStream.from((async function* () { for (let i = 0; i < ${int(2, 7)}; i++) { await null; yield i * i; } })());
  const seen = [];
  for await (const value of stream) seen.push(value);
  return Response.json({ seen, locked: stream.locked });`),
    requests: [get('/')],
  };
}

export function lines({ pick }) {
  return {
    code: `class Lines extends TransformStream {
  constructor() {
    let rest = '';
    super({
      transform(chunk, controller) {
        const parts = (rest + chunk).split('\\n');
        rest = parts.pop();
        for (const line of parts) controller.enqueue(line);
      },
      flush(controller) {
        if (rest) controller.enqueue(rest);
      },
    });
  }
}
${handler(`  const found = [];
  await request.body.pipeThrough(new TextDecoderStream()).pipeThrough(new Lines()).pipeTo(new WritableStream({ write(line) { found.push(line.trim()); } }));
  return Response.json(found);`)}`,
    requests: [post('/', pick(['a\nb\nc', 'one\r\ntwo\r\n', '\n\n', 'no newline']))],
  };
}

export function failing({ pick }) {
  return {
    code: handler(`  const stream = new ReadableStream({ start(controller) { controller.enqueue('a'); }, pull(controller) { controller.error(new ${pick(['TypeError', 'RangeError', 'Error'])}('broken')); } });
  const reader = stream.getReader();
  const seen = [(await reader.read()).value];
  await reader.read().catch((error) => seen.push(error.name, error.message));
  await reader.closed.catch((error) => seen.push(error.message));
  const sink = new WritableStream({ write() { throw new Error('full'); } });
  await new Response('x').body.pipeTo(sink).catch((error) => seen.push(error.message));
  return Response.json(seen);`),
    requests: [get('/')],
  };
}

export function cancelling({ pick, int }) {
  return {
    code: handler(`  const seen = [];
  let n = 0;
  const stream = new ReadableStream({ pull(controller) { controller.enqueue(n++); }, cancel(reason) { seen.push('cancelled', reason); } }, { highWaterMark: ${int(0, 3)} });
  const reader = stream.getReader();
  seen.push((await reader.read()).value);
  await reader.cancel('${pick(['enough', 'stop'])}');
  seen.push((await reader.read()).done);
  reader.releaseLock();
  seen.push(stream.locked);
  return Response.json(seen);`),
    requests: [get('/')],
  };
}

export function byob({ int }) {
  return {
    code: handler(`  const stream = new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const { byobRequest } = controller;
      if (byobRequest) {
        byobRequest.view.set([1, 2]);
        byobRequest.respond(2);
      } else controller.enqueue(new Uint8Array([9]));
    },
  });
  const reader = stream.getReader({ mode: 'byob' });
  const one = await reader.read(new Uint8Array(${int(2, 8)}));
  const two = await reader.read(new Uint8Array(new ArrayBuffer(${int(5, 9)}), 1, 3));
  return Response.json({ one: [...one.value], two: [...two.value], offset: two.value.byteOffset, buffer: two.value.buffer.byteLength });`),
    requests: [get('/')],
  };
}

export function compressed({ pick }) {
  const format = pick(['gzip', 'deflate', 'deflate-raw']);
  return {
    code: handler(`  const text = '${pick(['repeat ', 'abc', 'ü'])}'.repeat(200);
  const packed = new Response(text).body.pipeThrough(new CompressionStream('${format}'));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const unpacked = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('${format}'))).text();
  const broken = await new Response(new Blob(['no']).stream().pipeThrough(new DecompressionStream('${format}'))).text().catch((error) => error.name);
  return Response.json({ smaller: bytes.length < text.length / 4, same: unpacked === text, broken });`),
    requests: [get('/')],
  };
}

export function writerOrder({ shuffle }) {
  return {
    code: handler(`  const order = [];
  const sink = new WritableStream({ start() { order.push('start'); }, async write(chunk) { await null; order.push(chunk); }, close() { order.push('close'); }, abort(reason) { order.push('abort ' + reason); } }, new CountQueuingStrategy({ highWaterMark: 2 }));
  const writer = sink.getWriter();
  order.push(writer.desiredSize);
  for (const word of ${JSON.stringify(shuffle(['a', 'b', 'c']))}) writer.write(word).then(() => order.push('wrote ' + word));
  order.push(writer.desiredSize);
  await writer.ready;
  await writer.close();
  return Response.json(order);`),
    requests: [get('/')],
  };
}
