// The API that every worker finds. Evaluated once; what it makes is in the image that all workers begin from.

import { requireModule } from "./commonjs.js";
import { deliver } from "./events.js";
import { define } from "./globals.js";
import { native } from "./native.js";
import { node } from "./node.js";
import { practise } from "./practice.js";
import { fire } from "./timers.js";
import { configure, handle, loaded, rejected } from "./worker.js";
import { list, module, trap } from "./webassembly.js";
import { workers } from "./workers.js";

define();
practise();

native.hooks = {
  configure, loaded, handle, event: deliver, timer: fire, rejected, require: requireModule, workers, node, module, trap, list,
};

// Each script has taken what it needs; the other copies of built-ins would only fill the image.
const { primordials } = require("./bootstrap.js");
for (const name of Reflect.ownKeys(primordials)) Reflect.deleteProperty(primordials, name);
