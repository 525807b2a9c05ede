// Clones a deep graph for ever.
export default {
  async fetch(request, env, ctx) {
    let graph = {};
    for (let i = 0; i < 200; i++) graph = { left: graph, right: [graph] };
    for (;;) structuredClone({ list: Array(1000).fill({}) });
  },
};
