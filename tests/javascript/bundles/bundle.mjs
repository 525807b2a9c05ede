// Bundles each worker beside this file with the libraries it imports, as an author's build does.
//
//     node bundle.mjs <folder with node_modules> <folder to write>

import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [packages, target] = process.argv.slice(2).map((path) => resolve(path));
const { buildSync } = createRequire(join(packages, 'package.json'))('esbuild');
const workers = join(dirname(fileURLToPath(import.meta.url)), 'workers');

buildSync({
  entryPoints: readdirSync(workers).map((name) => join(workers, name)),
  outdir: target,
  bundle: true,
  nodePaths: [join(packages, 'node_modules')],
  // What wrangler sets.
  format: 'esm',
  target: 'es2024',
  conditions: ['workerd', 'worker', 'browser'],
  mainFields: ['browser', 'module', 'main'],
  external: ['cloudflare:*', 'node:*'],
  // A module stands beside the bundle that imports it, as wrangler uploads it.
  loader: { '.wasm': 'copy' },
  assetNames: '[name]',
  define: { 'process.env.NODE_ENV': '"production"' },
  // JSX belongs to the library that a worker uses.
  jsx: 'automatic',
  logLevel: 'warning',
});
