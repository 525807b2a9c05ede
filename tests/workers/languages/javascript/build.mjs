// Makes worker.wasm of worker.js and the world in the folder `wit`. (componentize-js loads
// preview2-shim without naming it among its dependencies: package.json does.)

import { writeFile } from "node:fs/promises";

import { componentize } from "@bytecodealliance/componentize-js";

const { component } = await componentize({
  sourcePath: "worker.js",
  witPath: "wit",
  worldName: "worker",
});
await writeFile("worker.wasm", component);
