// Changes QuickJS before it is compiled: what runs later (a promise's reaction, the rest of an async function after `await`, any
// queued job) runs in the context that was current when it was asked for. `engine_async_context` is that context: a value of
// which QuickJS knows nothing else. QuickJS's own promise hooks do not tell of `await`.
//
//   node quickjs.mjs <quickjs.c>
//
// Each target must be there exactly as often as it says, so that a new version cannot quietly lose a change.

import fs from "node:fs";

const [file] = process.argv.slice(2);

/** [what stands there, what takes its place, how often]. */
const CHANGES = [
  [
    "typedef struct JSJobEntry {\n",
    "JSValue engine_async_context = JS_UNDEFINED;\n\ntypedef struct JSJobEntry {\n    JSValue context;\n",
    1,
  ],
  ["    e->job_func = job_func;\n", "    e->job_func = job_func;\n    e->context = js_dup(engine_async_context);\n", 1],
  [
    "    res = e->job_func(e->ctx, e->argc, vc(e->argv));\n",
    "    JSValue before = engine_async_context;\n    engine_async_context = e->context;\n" +
      "    res = e->job_func(e->ctx, e->argc, vc(e->argv));\n" +
      "    JS_FreeValue(ctx, engine_async_context);\n    engine_async_context = before;\n",
    1,
  ],
  ["    JSValue handler;\n} JSPromiseReactionData;\n", "    JSValue handler;\n    JSValue context;\n} JSPromiseReactionData;\n", 1],
  [
    "        rd->handler = js_dup(handler);\n",
    "        rd->handler = js_dup(handler);\n        rd->context = js_dup(engine_async_context);\n",
    1,
  ],
  ["    JS_FreeValueRT(rt, rd->handler);\n", "    JS_FreeValueRT(rt, rd->handler);\n    JS_FreeValueRT(rt, rd->context);\n", 1],
  [
    "            JS_MarkValue(rt, rd->handler, mark_func);\n",
    "            JS_MarkValue(rt, rd->handler, mark_func);\n            JS_MarkValue(rt, rd->context, mark_func);\n",
    1,
  ],
  [
    "        JS_EnqueueJob(ctx, promise_reaction_job, 5, args);\n        list_del(&rd->link);\n",
    "        JSValue before = engine_async_context;\n        engine_async_context = rd->context;\n" +
      "        JS_EnqueueJob(ctx, promise_reaction_job, 5, args);\n        engine_async_context = before;\n        list_del(&rd->link);\n",
    1,
  ],
  [
    // The memory of a WebAssembly module stays where it is: nobody frees its bytes, so there is no function for that.
    "    if (abuf->detached)\n        return JS_ThrowTypeErrorDetachedArrayBuffer(ctx);\n    pmax_len = NULL;\n",
    "    if (abuf->detached)\n        return JS_ThrowTypeErrorDetachedArrayBuffer(ctx);\n" +
      "    if (!abuf->realloc_func)\n        return JS_ThrowTypeError(ctx, \"ArrayBuffer is not detachable\");\n    pmax_len = NULL;\n",
    1,
  ],
];

let source = fs.readFileSync(file, "utf8");
if (!source.includes("engine_async_context")) {
  for (const [target, replacement, expected] of CHANGES) {
    const count = source.split(target).length - 1;
    if (count !== expected) throw new Error(`quickjs.c: the target of a change is there ${count} times, not ${expected}: ${target}`);
    source = source.replaceAll(target, () => replacement);
  }
  fs.writeFileSync(file, source);
}
