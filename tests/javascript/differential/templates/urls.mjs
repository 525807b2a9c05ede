// Programs about URLs and their parameters.
import { get, handler } from '../shapes.mjs';

export function searchParams({ pick, int }) {
  return {
    code: handler(`  const { searchParams } = new URL(request.url);
  const page = Math.max(1, parseInt(searchParams.get('page') ?? '1', 10) || 1);
  const tags = searchParams.getAll('tag');
  searchParams.sort();
  searchParams.delete('page');
  return Response.json({ page, tags, rest: searchParams.toString(), size: searchParams.size, has: searchParams.has('tag', '${pick(['a', 'b'])}') });`),
    requests: [get(`/?page=${pick(['3', '-1', 'x', ''])}&tag=a&z=${int(1, 9)}&tag=b+c&tag=${encodeURIComponent(pick(['é', '&', '=', '100%']))}`)],
  };
}

export function buildQuery({ pick, int }) {
  return {
    code: handler(`  const params = new URLSearchParams({ q: '${pick(['tea & milk', 'a+b', 'ünï', '~!*()'])}', n: ${int(1, 99)} });
  params.append('list', '1');
  params.append('list', '2');
  params.set('q2', params.get('q').toUpperCase());
  const again = new URLSearchParams([...params].map(([name, value]) => [value, name]));
  return new Response(\`\${params}\\n\${again}\\n\${new URLSearchParams('?a=%zz&b=%20&c')}\`);`),
    requests: [get('/')],
  };
}

export function resolve({ shuffle }) {
  const relative = shuffle(['../x', './y?z', '//other.example/a', '#frag', '?q=1', '/root', 'a/../b/./c', 'mailto:a@b.example', '..//..', '\\\\\\\\back', ' spaced ', 'é/ü', 'http:foo', 'data:text/plain,hi']).slice(0, 7);
  return {
    code: handler(`  const base = 'https://user:pw@example.com:8080/a/b/c?d#e';
  return Response.json([${relative.map((text) => `'${text}'`).join(', ')}].map((text) => new URL(text, base).href));`),
    requests: [get('/')],
  };
}

export function validity({ shuffle }) {
  const urls = shuffle(['http://exa mple.com', 'http://[::1]:80/', 'http://1.2.3', 'https://example.com:99999/', 'nope', 'http://', 'file:///C|/x', 'HTTP://EXAMPLE.com:80', 'http://ex%41mple.com', 'http://a.b..c/', 'https://xn--bcher-kva.example', 'http://0x7f.1/', 'javascript:alert(1)', 'http://user@/']).slice(0, 8);
  return {
    code: handler(`  return Response.json(${JSON.stringify(urls)}.map((text) => {
    try {
      const { href, host, origin } = new URL(text);
      return [URL.canParse(text), href, host, origin];
    } catch (error) {
      return [URL.canParse(text), URL.parse(text), error.name];
    }
  }));`),
    requests: [get('/')],
  };
}

export function setters({ shuffle }) {
  const steps = shuffle(["url.pathname = '/a b/ü'", "url.search = 'x=1 2'", "url.hash = '#top'", "url.port = '80'", "url.port = '8081x'", "url.hostname = 'other.example'", "url.username = 'a:b'", "url.password = '@'", "url.protocol = 'ftp'", "url.host = 'h.example:1'", "url.href = 'https://new.example/?q'", "url.searchParams.append('k', 'v w')", "url.search = ''", "url.hash = ''"]).slice(0, 6);
  return {
    code: handler(`  const url = new URL('http://example.com:8080/p?q#f');
  const seen = [];
${steps.map((step) => `  ${step};\n  seen.push(url.href);`).join('\n')}
  return Response.json({ seen, json: JSON.stringify({ url }), params: [...url.searchParams] });`),
    requests: [get('/')],
  };
}

export function escaping({ pick }) {
  const text = pick(['a b&c=d/e?f#g', 'ä ö ü', '茶 & 🍵', '%41%zz', "it's (fine)!*~"]);
  return {
    code: handler(`  const text = ${JSON.stringify(text)};
  const tries = [() => encodeURIComponent(text), () => encodeURI(text), () => decodeURIComponent(encodeURIComponent(text)), () => escape(text), () => unescape(escape(text)), () => decodeURIComponent(text), () => encodeURIComponent('\\ud800')];
  return Response.json(tries.map((run) => { try { return run(); } catch (error) { return error.name; } }));`),
    requests: [get('/')],
  };
}

export function pathSegments({ pick }) {
  return {
    code: handler(`  const { pathname } = new URL(request.url);
  const [, , ...segments] = pathname.split('/');
  return Response.json({ segments, decoded: segments.map((text) => { try { return decodeURIComponent(text); } catch { return null; } }), extension: pathname.match(/\\.(\\w+)$/)?.[1] ?? null });`),
    requests: [get(pick(['/a/b/c.html', '/a%20b/%E8%8C%B6', '//double//', '/%zz/x.tar.gz', '/a;b=c/d,e'])), get('/')],
  };
}
