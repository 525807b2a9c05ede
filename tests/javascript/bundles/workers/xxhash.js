// A module instantiated for each request, with the library's own glue.
import xxhash from 'xxhash-wasm';

export default {
  async fetch(request) {
    const { h32ToString, h64, create64 } = await xxhash();
    const text = await request.text();
    const stream = create64();
    for (const character of text) stream.update(character);
    return Response.json([h32ToString(text, 7), h64(text, 7n).toString(), stream.digest().toString()]);
  },
};
