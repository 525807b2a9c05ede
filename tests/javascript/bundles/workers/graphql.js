import { buildSchema, graphql } from 'graphql';

const schema = buildSchema(`
  type Item { id: ID!, name: String!, price: Float, related(first: Int = 1): [Item!]! }
  type Query { item(id: ID!): Item, items(contains: String): [Item!]! }
  type Mutation { add(name: String!): Item! }
`);
const names = ['tea', 'milk', 'bread'];

class Item {
  constructor(id) {
    Object.assign(this, { id, name: names[id], price: id * 1.5 });
  }
  related({ first }) {
    return names.map((_, id) => id).filter((id) => id !== this.id).slice(0, first).map((id) => new Item(id));
  }
}

const rootValue = {
  item: async ({ id }) => (names[id] ? new Item(Number(id)) : null),
  items: ({ contains = '' }) => names.flatMap((name, id) => (name.includes(contains) ? [new Item(id)] : [])),
  add: ({ name }) => ({ id: names.length, name, price: null, related: [] }),
};

export default {
  async fetch(request) {
    const { query, variables } = await request.json();
    return Response.json(await graphql({ schema, source: query, rootValue, variableValues: variables }));
  },
};
