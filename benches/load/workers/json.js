// Parses and writes 10 KB of JSON.
const text = JSON.stringify(Array.from({ length: 150 }, (_, i) => ({ id: i, name: `item ${i}`, price: i * 1.5, tags: ["a", "b"] })));
export default {
  fetch() {
    const items = JSON.parse(text);
    return new Response(JSON.stringify(items), { headers: { "content-type": "application/json" } });
  },
};
