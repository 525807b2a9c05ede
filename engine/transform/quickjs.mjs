// Changes QuickJS before it is compiled.
//
// What runs later (a promise's reaction, the rest of an async function after `await`, any queued job) runs in the context that
// was current when it was asked for. `engine_async_context` is that context: a value of which QuickJS knows nothing else.
// QuickJS's own promise hooks do not tell of `await`.
//
// What is in the image (below `engine_image_end`) lives for ever, and nobody counts the references to it: a count is a write,
// and a write costs a request a page of its own. The collector passes it by. What asks whether it holds the only reference
// is told that it does not.
//
// Blocks come from c/heap.h instead of QuickJS's arenas.
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
  // The image.
  [/--JS_REF_COUNT\((\w+)\)/g, "engine_count_down($1)", 7],
  [/JS_REF_COUNT\(([^()]+)\)--;/g, "engine_count_down($1);", 2],
  [/\bJS_REF_COUNT\(([^()]+)\)\+\+;/g, "engine_count_up($1);", 19],
  ["    if (JS_REF_COUNT(p1) == 1 && p1->is_wide_char", "    if (engine_count(p1) == 1 && p1->is_wide_char", 1],
  ["    if (JS_REF_COUNT(r) > 1) {\n", "    if (engine_count(r) > 1) {\n", 1],
  ["        if (JS_REF_COUNT(sh) != 1) {\n", "        if (engine_count(sh) != 1) {\n", 1],
  ["        } else if (JS_REF_COUNT(sh) != 1) {\n", "        } else if (engine_count(sh) != 1) {\n", 1],
  [
    /(static void gc_(?:decref_child|scan_incref_child2?)\(JSRuntime \*rt, JSGCObjectHeader \*p\)\n\{\n)/g,
    "$1    if (engine_is_kept(p))\n        return;\n",
    3,
  ],
  [
    "/* garbage collection */\n",
    "static struct list_head engine_image;\n\n" +
      "/* What there is now is the image, and ends at `end`. */\n" +
      "void engine_close_image(JSRuntime *rt, uintptr_t end)\n{\n" +
      "    struct list_head *objects = &rt->gc_obj_list;\n" +
      "    engine_image = *objects;\n    engine_image.next->prev = engine_image.prev->next = &engine_image;\n" +
      "    init_list_head(objects);\n    engine_image_end = end;\n}\n\n/* garbage collection */\n",
    1,
  ],
  [
    "#define JS_REF_COUNT(p) (js_rc(p)->ref_count)\n",
    "#define JS_REF_COUNT(p) (js_rc(p)->ref_count)\n" +
      "uintptr_t engine_image_end;\n" +
      "static inline bool engine_is_kept(const void *p) { return (uintptr_t)p < engine_image_end; }\n" +
      "static inline void engine_count_up(const void *p) { if (!engine_is_kept(p)) JS_REF_COUNT(p)++; }\n" +
      "static inline int engine_count_down(const void *p) { return engine_is_kept(p) ? 1 : --JS_REF_COUNT(p); }\n" +
      "static inline int engine_count(const void *p) { return engine_is_kept(p) ? 2 : JS_REF_COUNT(p); }\n",
    1,
  ],
  // The allocator.
  [
    /static inline void \*arena_get_block\(JSArena[\s\S]*?\n(?=void \*js_calloc_rt\()/g,
    '#include "heap.h"\n\n',
    1,
  ],
  [/static const uint16_t arena_block_sizes[\s\S]*?\n(?=static inline JSMallocBlockHeader \*arena_zero_block)/g, "", 1],
];

let source = fs.readFileSync(file, "utf8");
if (!source.includes("engine_async_context")) {
  for (const [target, replacement, expected] of CHANGES) {
    const count = target instanceof RegExp ? [...source.matchAll(target)].length : source.split(target).length - 1;
    if (count !== expected) throw new Error(`quickjs.c: the target of a change is there ${count} times, not ${expected}: ${target}`);
    source = source.replaceAll(target, target instanceof RegExp ? replacement : () => replacement);
  }
  fs.writeFileSync(file, source);
}
