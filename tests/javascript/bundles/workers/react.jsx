import { Suspense, use, useId, useMemo, useState } from 'react';
import { renderToReadableStream } from 'react-dom/server.edge';

function Counter({ start }) {
  const [count] = useState(start);
  const id = useId();
  const doubled = useMemo(() => count * 2, [count]);
  return <p id={id} className="counter" style={{ color: 'red', marginTop: 4 }}>{count} {doubled}</p>;
}

function Slow({ data }) {
  return <ul>{use(data).map((item) => <li key={item}>{item}</li>)}</ul>;
}

function Broken() {
  throw new Error('cannot render');
}

function App({ path, data }) {
  return (
    <html lang="en">
      <head><title>{`Page ${path}`}</title></head>
      <body>
        <Counter start={21} />
        <Suspense fallback={<em>Loading</em>}>
          <Slow data={data} />
        </Suspense>
      </body>
    </html>
  );
}

export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/broken') {
      try {
        await renderToReadableStream(<Broken />);
      } catch (error) {
        return new Response(`caught ${error.message}`, { status: 500 });
      }
    }
    const data = scheduler.wait(20).then(() => ['tea', '<milk> & honey']);
    const stream = await renderToReadableStream(<App path={pathname} data={data} />, { bootstrapScripts: ['/main.js'] });
    if (pathname === '/whole') await stream.allReady;
    return new Response(stream, { headers: { 'content-type': 'text/html' } });
  },
};
