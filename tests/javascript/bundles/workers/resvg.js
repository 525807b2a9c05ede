// wasm-bindgen: one instance, made at the top level.
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import wasm from '@resvg/resvg-wasm/index_bg.wasm';

await initWasm(wasm);

export default {
  async fetch(request) {
    const svg = await request.text();
    try {
      const image = new Resvg(svg, { fitTo: { mode: 'width', value: 8 } }).render();
      const corner = [...image.pixels.slice(0, 4)];
      const png = image.asPng();
      return Response.json([image.width, image.height, corner, [...png.slice(0, 4)], png.length]);
    } catch (error) {
      return new Response(String(error), { status: 400 });
    }
  },
};
