// Writes the programs: each template in turn, with other choices each time, until there are enough.

import { readdirSync } from 'node:fs';
import { randomness } from './shapes.mjs';

const SEED = 20261121;
const COUNT = 300;

/** The programs: name, template, code, requests; the same at each call. */
export async function generate() {
  const folder = new URL('templates/', import.meta.url);
  const templates = [];
  for (const file of readdirSync(folder).sort()) {
    const made = Object.entries(await import(new URL(file, folder)));
    templates.push(...made.map(([name, make]) => [`${file.replace('.mjs', '')}/${name}`, make]));
  }
  const programs = [];
  const seen = new Set();
  for (let i = 0; programs.length < COUNT; i++) {
    const [template, make] = templates[i % templates.length];
    const { code, requests, statusOnly } = make(randomness(SEED + i));
    const name = `p${String(programs.length).padStart(3, '0')}`;
    // The same program twice proves nothing more.
    if (seen.has(code + JSON.stringify(requests))) continue;
    seen.add(code + JSON.stringify(requests));
    programs.push({ name, template, statusOnly, code, requests: requests.map((request) => ({ headers: {}, ...request, path: `/${name}${request.path}` })) });
  }
  return programs;
}

/** The worker around all programs, which leads each request to the one its path names. */
export function dispatcher(programs) {
  const imports = programs.map(({ name }) => `import ${name} from './${name}.js';`).join('\n');
  return `${imports}
const programs = { ${programs.map(({ name }) => name).join(', ')} };
export default {
  fetch: (request, env, ctx) => programs[new URL(request.url).pathname.split('/')[1]].fetch(request, env, ctx),
};
`;
}
