import { camelCase, chunk, cloneDeep, debounce, escape, groupBy, isEqual, merge, orderBy, template, throttle, words } from 'lodash-es';

const people = [{ name: 'ada', born: 1815 }, { name: 'alan', born: 1912 }, { name: 'grace', born: 1906 }];

export default {
  async fetch() {
    const original = { a: new Map([[1, new Set([2])]]), d: new Date(0), r: /x/gi };
    const copy = cloneDeep(original);
    let calls = 0;
    const count = debounce(() => calls++, 5);
    for (let i = 0; i < 10; i++) count();
    await scheduler.wait(40);
    return Response.json({
      chunk: chunk([1, 2, 3, 4, 5], 2),
      group: groupBy(people, ({ born }) => Math.floor(born / 100)),
      order: orderBy(people, ['born'], ['desc']).map(({ name }) => name),
      merge: merge({ a: { b: 1 } }, { a: { c: [2] } }),
      copy: isEqual(original, copy) && copy.a !== original.a,
      text: [camelCase('edge-proxy worker'), escape('<a & b>'), words('fooBar baz').length],
      calls,
      functions: [typeof throttle, typeof template],
    });
  },
};
