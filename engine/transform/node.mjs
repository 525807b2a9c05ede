// Writes Node's modules (../node): each with what it takes from packages, in a file of its own. They import each other by name.
//
//   node node.mjs <folder of ours> <folder for the modules>

import fs from "node:fs";
import path from "node:path";

import * as esbuild from "esbuild";

const [ours, output] = process.argv.slice(2);

/** What a tenant's log need not hear of. [which script, what is left out]. */
const NOISE = [/node\/url\.mjs$/, /\n[^\n]*console\.warn\([^]*?\);\n/g, 2];

const files = fs.readdirSync(ours, { recursive: true }).filter((name) => name.endsWith(".js"));
const names = files.map((file) => file.slice(0, -3));

/**
 * A package's `require("events")` becomes an import of our module. A CommonJS package cannot import by itself, so a module
 * stands between.
 */
const between = {
  name: "between",
  setup(build) {
    build.onResolve({ filter: /^[a-z_]|^node:/ }, ({ path: name, kind, importer }) => {
      if (name === "cirque:node") return { external: true };
      const wanted = name.replace(/^node:/, "").replace(/\/$/, "");
      if (wanted === "abort-controller") return { path: wanted, namespace: "global" };
      // Of its own kind: readable-stream asks for Node's streams only where they are.
      if (wanted === "stream" && importer.includes("readable-stream")) return { path: wanted, namespace: "global" };
      if (!names.includes(wanted)) return undefined;
      return kind === "require-call" ? { path: wanted, namespace: "between" } : { path: `node:${wanted}`, external: true };
    });
    build.onLoad({ filter: NOISE[0] }, ({ path: file }) => {
      const source = fs.readFileSync(file, "utf8");
      if (source.match(NOISE[1])?.length !== NOISE[2]) throw new Error(`${file}: other warnings than those that are left out`);
      return { contents: source.replace(NOISE[1], "\n") };
    });
    build.onLoad({ filter: /.*/, namespace: "between" }, ({ path: name }) => ({
      contents: `import whole from "node:${name}"; module.exports = whole;`,
    }));
    build.onLoad({ filter: /.*/, namespace: "global" }, () => ({ contents: "module.exports = globalThis;" }));
  },
};

fs.rmSync(output, { recursive: true, force: true });
await esbuild.build({
  entryPoints: files.map((file) => path.join(ours, file)),
  outbase: ours,
  outdir: output,
  bundle: true,
  format: "esm",
  target: "es2023",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  plugins: [between],
  nodePaths: [path.join(process.cwd(), "node_modules")],
  logLevel: "warning",
});
