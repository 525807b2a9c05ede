// Programs about text: encodings, base64, JSON, regular expressions, dates and numbers.
import { get, handler } from '../shapes.mjs';

export function encoding({ pick }) {
  const label = pick(['utf-8', 'utf-16le', 'latin1', 'windows-1252', 'shift_jis', 'iso-8859-2', 'UTF8', 'gbk', 'euc-kr']);
  return {
    code: handler(`  const bytes = new Uint8Array([0x41, 0xe9, 0x80, 0x82, 0xa0, 0xc4, 0xe3, 0x42]);
  const decoder = new TextDecoder('${label}');
  const { encoding, fatal, ignoreBOM } = decoder;
  return Response.json({ text: decoder.decode(bytes), encoding, fatal, ignoreBOM });`),
    requests: [get('/')],
  };
}

export function utf8({ shuffle }) {
  const inputs = shuffle(['[0xef, 0xbb, 0xbf, 0x41]', '[0xf0, 0x9f, 0x8d, 0xb5]', '[0xc0, 0x80]', '[0xed, 0xa0, 0x80]', '[0xe2, 0x82]', '[0xff, 0x41]', '[]']).slice(0, 4);
  return {
    code: handler(`  const read = (bytes, options) => { try { return new TextDecoder('utf-8', options).decode(new Uint8Array(bytes)); } catch (error) { return error.name; } };
  const inputs = [${inputs.join(', ')}];
  const encoder = new TextEncoder();
  const into = encoder.encodeInto('a€🍵', new Uint8Array(5));
  return Response.json({ loose: inputs.map((bytes) => read(bytes)), strict: inputs.map((bytes) => read(bytes, { fatal: true })), bom: inputs.map((bytes) => read(bytes, { ignoreBOM: true }).length), into, lone: [...encoder.encode('\\ud800x')], label: (() => { try { return new TextDecoder('nope'); } catch (error) { return error.name; } })() });`),
    requests: [get('/')],
  };
}

export function decodeInParts({ int }) {
  return {
    code: handler(`  const bytes = new TextEncoder().encode('é🍵ü茶');
  const decoder = new TextDecoder();
  const parts = [];
  for (let i = 0; i < bytes.length; i += ${int(1, 4)}) parts.push(decoder.decode(bytes.subarray(i, i + ${int(1, 4)}), { stream: true }));
  parts.push(decoder.decode());
  return Response.json(parts);`),
    requests: [get('/')],
  };
}

export function base64({ pick }) {
  return {
    code: handler(`  const tries = [() => btoa('${pick(['hello', 'a', '', '\\x00\\xff'])}'), () => atob(btoa('round')), () => atob(' aGk= '), () => atob('aGk'), () => atob('a'), () => atob('${pick(['%', 'aGk=='])}'), () => btoa('€')];
  const url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return Response.json([...tries.map((run) => { try { return run(); } catch (error) { return [error.name, error instanceof DOMException, error.code]; } }), url(new TextEncoder().encode('üñ?>'))]);`),
    requests: [get('/')],
  };
}

export function json({ shuffle, int }) {
  const values = shuffle(['{ b: 1, a: [1, , 3] }', '"\\u2028\\ud800<"', '1e21', '0.1 + 0.2', '123456789012345680000', '-1e-7', 'new Date(NaN)', '[new Map([[1, 2]]), new Set([1])]', 'Object.create({ x: 1 })', '{ 2: "b", 1: "a", x: "c" }', 'new Uint8Array(2)', '[NaN, -0]']).slice(0, 7);
  return {
    code: handler(`  const values = [${values.join(', ')}];
  const texts = values.map((value) => JSON.stringify(value));
  const pretty = JSON.stringify({ a: [1, { b: [] }], c: {} }, null, ${int(0, 4)});
  const picked = JSON.stringify({ a: 1, b: { a: 2, c: 3 } }, ['a', 'b']);
  const revived = JSON.parse('{"when":"2024-01-02T03:04:05Z","n":[1,2]}', (key, value) => (key === 'when' ? new Date(value).getTime() : Array.isArray(value) ? value.length : value));
  return new Response([...texts, pretty, picked, JSON.stringify(revived)].join('\\n'));`),
    requests: [get('/')],
  };
}

export function regularExpressions({ pick, shuffle }) {
  const runs = shuffle(["'2024-11-05'.replace(/(?<y>\\\\d+)-(?<m>\\\\d+)-(?<d>\\\\d+)/, '$<d>.$<m>.$<y>')", "[...'a1b22'.matchAll(/[a-z](\\\\d+)/g)].map((match) => [match[1], match.index])", "'x🍵y'.match(/^x.y$/u)?.[0] ?? null", "'Straße'.split(/(?<=a)/)", "'aBc'.replace(/b/i, (all, at, whole) => `[${all}${at}${whole}]`)", "/(?<!\\\\$)\\\\b\\\\d+/.exec('$42 17')?.[0]", "/\\\\p{Lu}\\\\p{Ll}+/u.exec('x Ärger')?.[0]", "'a\\\\nb'.match(/a.b/s)?.[0].length", "/(a)|(b)/d.exec('b').indices[2]", "'a,b;c'.split(/[,;]/)", "/[\\\\p{L}--[a-z]]/v.test('é')", "'aaa'.replaceAll('a', '$&$&')", "/\\\\u{1F375}/u.test('🍵')", "'abc'.search(/c/)"]).slice(0, 7);
  return {
    code: handler(`  const sticky = /\\w/y;
  sticky.lastIndex = ${pick([0, 1, 3])};
  return Response.json([${runs.join(', ').replaceAll('\\\\', '\\')}, sticky.test('ab c'), sticky.lastIndex, String(/a\\/b/gi), /x/gimsuy.flags]);`),
    requests: [get('/')],
  };
}

export function dates({ int, pick }) {
  const text = pick(['2024-02-29T12:30:00.5Z', '2024-01-31', '2024-06-15T10:00:00+02:00', 'Tue, 05 Nov 2024 06:07:08 GMT', '2023-02-30', 'garbage', '+010000-01-01T00:00:00Z', '2024-06-15 10:00']);
  return {
    code: handler(`  const date = new Date('${text}');
  const utc = Date.UTC(2024, ${int(0, 14)}, ${int(-3, 40)}, 25, 61);
  const moved = new Date(utc);
  moved.setUTCMonth(moved.getUTCMonth() + ${int(1, 13)});
  return Response.json({ time: date.getTime(), json: date, utc: isNaN(date) ? String(date) : date.toUTCString(), day: date.getUTCDay(), moved: moved.toISOString(), offset: date.getTimezoneOffset(), parsed: Date.parse('${text}'), local: new Date(2024, 0, 31, 5).toISOString() });`),
    requests: [get('/')],
  };
}

export function dateText({ int }) {
  return {
    code: handler(`  const date = new Date(${int(0, 1e12)});
  return new Response([date, date.toDateString(), date.toTimeString()].join('\\n'));`),
    requests: [get('/')],
  };
}

export function numbers({ int, pick }) {
  return {
    code: handler(`  const n = ${pick(['1234.5678', '0.000001234', '1e21', '-0', '255', '2 ** 53', '1 / 3'])};
  return Response.json([n.toFixed(${int(0, 5)}), n.toPrecision(${int(1, 8)}), n.toExponential(${int(0, 4)}), n.toString(${pick([2, 16, 36])}), Number('0x1f'), Number(' 12 '), parseFloat('3.14abc'), Number.isInteger(n), Math.round(-0.5), Math.max(), Math.hypot(3, 4), Math.sign(-3), Math.trunc(-4.7), 0.1 * 3, 5 % -3, -5 % 3, 2 ** -1, ~~n, n | 0, Math.fround(5.5), Math.clz32(${int(1, 1000)}), (${int(2, 99)}n ** 20n).toString(), Number(123n), BigInt.asUintN(8, -1n).toString()].map(String));`),
    requests: [get('/')],
  };
}

export function strings({ pick, shuffle }) {
  const text = pick(['Hello, Wörld', '  pad  ', 'a-b_c d', '茶🍵x', 'ABC']);
  const runs = shuffle(["text.padStart(16, '*')", 'text.at(-1)', "text.normalize('NFD').length", '[...text].length', 'text.codePointAt(1)', "text.trimEnd() + '|'", "text.split('')", 'text.repeat(2)', 'text.toLowerCase()', "text.includes('b')", 'text.slice(-3, -1)', 'text.substring(4, 1)', 'text.isWellFormed()', "text.split(' ', 2)", "text.lastIndexOf('b')", "text.concat(1, null)", "'I'.toLowerCase() + 'ß'.toUpperCase()"]).slice(0, 10);
  return {
    code: handler(`  const text = ${JSON.stringify(text)};\n  return Response.json([${runs.join(', ')}]);`),
    requests: [get('/')],
  };
}

export function sorting({ shuffle }) {
  return {
    code: handler(`  const words = ${JSON.stringify(shuffle(['b', 'A', 'ä', 'Z', 'a', '10', '9']))};
  return Response.json([words.toSorted(), words.toSorted((one, other) => one.localeCompare(other))]);`),
    requests: [get('/')],
  };
}

export function csv({ pick, int }) {
  return {
    code: `function* rows(text) {
  for (const line of text.trim().split(/\\r?\\n/)) {
    yield [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
  }
}
${handler(`  const [head, ...body] = rows('name,count,note\\ntea,${int(1, 9)},"a, ""b"""\\n${pick(['Käse', 'milk'])},2,\\n');
  return Response.json(body.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]]))));`)}`,
    requests: [get('/')],
  };
}
