// Changes QuickJS before it is compiled.
//
//   node quickjs.mjs <quickjs.c>
//
// Each target must be there exactly as often as it says, so that a new version cannot quietly lose a change.

import fs from "node:fs";

const [file] = process.argv.slice(2);

/**
 * What runs later (a promise's reaction, the rest of an async function after `await`, any queued job) runs in the context that
 * was current when it was asked for. `engine_async_context` is that context: a value of which QuickJS knows nothing else.
 * QuickJS's own promise hooks do not tell of `await`.
 */
const ASYNC_CONTEXT = [
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
];

/**
 * A shape (which properties an object has) stays when the last object that has it goes, up to a number of shapes, and the next
 * such object finds it: QuickJS would turn the shape of a sole owner into the one with another property, and so begin anew for
 * every object literal.
 */
const SHAPES = [
  [
    "static JSShape *js_new_shape(JSContext *ctx, JSObject *proto)\n{\n" +
      "    return js_new_shape2(ctx, proto, JS_PROP_INITIAL_HASH_SIZE,\n                         JS_PROP_INITIAL_SIZE);\n",
    "static JSShape *engine_keep_shape(JSShape *sh)\n{\n" +
      "    if (sh && engine_shapes < ENGINE_SHAPES) {\n        engine_shapes++;\n        JS_REF_COUNT(sh)++;\n    }\n    return sh;\n}\n\n" +
      "static JSShape *js_new_shape(JSContext *ctx, JSObject *proto)\n{\n" +
      "    return engine_keep_shape(js_new_shape2(ctx, proto, JS_PROP_INITIAL_HASH_SIZE,\n" +
      "                                           JS_PROP_INITIAL_SIZE));\n",
    1,
  ],
  [
    "        } else if (JS_REF_COUNT(sh) != 1) {\n            /* if the shape is shared, clone it */\n",
    "        } else if (sh->prop_count < ENGINE_SHAPE_PROPERTIES && engine_shapes < ENGINE_SHAPES && !p->is_prototype) {\n" +
      "            if (2 * (ctx->rt->shape_hash_count + 1) > ctx->rt->shape_hash_size)\n" +
      "                resize_shape_hash(ctx->rt, ctx->rt->shape_hash_bits + 1);\n" +
      "            new_sh = js_clone_shape(ctx, sh);\n            if (!new_sh)\n                return NULL;\n" +
      "            if (add_shape_property(ctx, &new_sh, p, prop, prop_flags)) {\n" +
      "                js_free_shape(ctx->rt, new_sh);\n                return NULL;\n            }\n" +
      "            new_sh->hash = shape_hash(shape_hash(sh->hash, prop), prop_flags);\n" +
      "            new_sh->is_hashed = true;\n            js_shape_hash_link(ctx->rt, new_sh);\n" +
      "            js_free_shape(ctx->rt, sh);\n            p->shape = engine_keep_shape(new_sh);\n" +
      "            return &p->prop[new_sh->prop_count - 1];\n" +
      "        } else if (JS_REF_COUNT(sh) != 1) {\n            /* if the shape is shared, clone it */\n",
    1,
  ],
  ["    new_size = max_int(count, sh->prop_size * 3 / 2);\n", "    new_size = max_int(count, sh->prop_size * 2);\n", 1],
  [
    "                ret = JS_DefinePropertyValue(ctx, sp[-2], atom, sp[-1],\n" +
      "                                             JS_PROP_C_W_E | JS_PROP_THROW);\n                sp--;\n",
    "                ret = engine_define_field(ctx, sp[-2], atom, sp[-1]);\n                sp--;\n",
    1,
  ],
  [
    "/* return false if not OK */\nstatic bool check_define_prop_flags(",
    "/* A property of an object literal or a field of a class: nearly always a new one of a plain object. */\n" +
      "static int engine_define_field(JSContext *ctx, JSValueConst obj, JSAtom prop, JSValue val)\n{\n" +
      "    JSProperty *pr;\n    if (likely(JS_VALUE_GET_TAG(obj) == JS_TAG_OBJECT)) {\n" +
      "        JSObject *p = JS_VALUE_GET_OBJ(obj);\n" +
      "        if (likely(!p->is_exotic && p->extensible && !find_own_property(&pr, p, prop))) {\n" +
      "            pr = add_property(ctx, p, prop, JS_PROP_C_W_E);\n" +
      "            if (unlikely(!pr)) {\n                JS_FreeValue(ctx, val);\n                return -1;\n            }\n" +
      "            pr->u.value = val;\n            return true;\n        }\n    }\n" +
      "    return JS_DefinePropertyValue(ctx, obj, prop, val, JS_PROP_C_W_E | JS_PROP_THROW);\n}\n\n" +
      "/* return false if not OK */\nstatic bool check_define_prop_flags(",
    1,
  ],
];

/** Most texts have nothing to escape, and plain values become JSON in c/json.h. */
const JSON_TEXTS = [
  [
    "    if (string_buffer_putc8(b, '\\\"'))\n        goto fail;\n    for(i = 0; i < p->len; ) {\n        c = string_getc(p, &i);\n        switch(c) {\n        case '\\t':\n",
    "    if (string_buffer_putc8(b, '\\\"'))\n        goto fail;\n    i = 0;\n    if (!p->is_wide_char) {\n" +
      "        const uint8_t *plain = str8(p);\n" +
      "        while (i < p->len && plain[i] >= 32 && plain[i] != '\\\"' && plain[i] != '\\\\')\n            i++;\n" +
      "        if (string_buffer_write8(b, plain, i))\n            goto fail;\n    }\n" +
      "    for(; i < p->len; ) {\n        c = string_getc(p, &i);\n        switch(c) {\n        case '\\t':\n",
    1,
  ],
  [
    /(static int json_parse_string\([\s\S]*?StringBuffer b_s, \*b = &b_s;\n)/g,
    "$1\n    p = *pp;\n    while (p < s->buf_end && *p != '\"' && *p != '\\\\' && *p >= 0x20 && *p < 0x80)\n        p++;\n" +
      "    if (p < s->buf_end && *p == '\"') {\n" +
      "        JSValue plain = js_new_string8_len(s->ctx, (const char *)*pp, p - *pp);\n" +
      "        if (JS_IsException(plain))\n            return -1;\n" +
      "        s->token.val = TOK_STRING;\n        s->token.u.str.sep = '\"';\n        s->token.u.str.str = plain;\n" +
      "        *pp = p + 1;\n        return 0;\n    }\n",
    1,
  ],
  [
    /JS_DefinePropertyValue\(ctx, val, prop_name,\s*(\w+), JS_PROP_C_W_E\);/g,
    "engine_define_field(ctx, val, prop_name, $1);",
    1,
  ],
  ["JSValue JS_JSONStringify(", '#include "json.h"\n\nJSValue JS_JSONStringify(', 1],
  [
    "    if (js_json_to_str(ctx, jsc, wrapper, val, jsc->empty))\n        goto exception;\n",
    "    if (engine_json(ctx, jsc, val))\n        JS_FreeValue(ctx, val);\n" +
      "    else if (js_json_to_str(ctx, jsc, wrapper, val, jsc->empty))\n        goto exception;\n",
    1,
  ],
];

/**
 * What is in the image (below `engine_image_end`) lives for ever, and nobody counts the references to it: a count is a write,
 * and a write costs a request a page of its own. The collector passes it by. What asks whether it holds the only reference
 * is told that it does not.
 */
const IMAGE = [
  [/--JS_REF_COUNT\((\w+)\)/g, "engine_count_down($1)", 7],
  [/JS_REF_COUNT\(([^()]+)\)--;/g, "engine_count_down($1);", 2],
  [/\bJS_REF_COUNT\(([^()]+)\)\+\+;/g, "engine_count_up($1);", 20],
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
      "    init_list_head(objects);\n    engine_image_end = end;\n" +
      "    engine_image_shapes = rt->shape_hash;\n    engine_image_shape_bits = rt->shape_hash_bits;\n" +
      "    engine_shapes = 0;\n    init_shape_hash(rt);\n}\n\n/* garbage collection */\n",
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
  [
    "static void js_shape_hash_link(JSRuntime *rt, JSShape *sh)\n",
    "/* The image's shapes have a table of their own, which nobody writes to. */\n" +
      "static JSShape **engine_image_shapes;\nstatic int engine_image_shape_bits;\n\n" +
      "/* How many shapes are kept, and up to how many properties. */\n" +
      "#define ENGINE_SHAPES 2048\n#define ENGINE_SHAPE_PROPERTIES 20\nstatic uint32_t engine_shapes;\n\n" +
      "static void js_shape_hash_link(JSRuntime *rt, JSShape *sh)\n",
    1,
  ],
  [
    "    h1 = get_shape_hash(h, rt->shape_hash_bits);\n    for(sh1 = rt->shape_hash[h1]; sh1 != NULL; sh1 = sh1->shape_hash_next) {\n",
    "    JSShape **table = rt->shape_hash;\n    int bits = rt->shape_hash_bits;\n again:\n" +
      "    h1 = get_shape_hash(h, bits);\n    for(sh1 = table[h1]; sh1 != NULL; sh1 = sh1->shape_hash_next) {\n",
    2,
  ],
  [
    /(static JSShape \*find_hashed_shape_pro(?:p|to)\([\s\S]*?\n    \}\n)(    return NULL;\n\})/g,
    "$1    if (table != engine_image_shapes && engine_image_shapes) {\n        table = engine_image_shapes;\n" +
      "        bits = engine_image_shape_bits;\n        goto again;\n    }\n$2",
    2,
  ],
];

/** Blocks come from c/heap.h instead of QuickJS's arenas. */
const ALLOCATOR = [
  [
    /static inline void \*arena_get_block\(JSArena[\s\S]*?\n(?=void \*js_calloc_rt\()/g,
    '#include "heap.h"\n\n',
    1,
  ],
  [/static const uint16_t arena_block_sizes[\s\S]*?\n(?=static inline JSMallocBlockHeader \*arena_zero_block)/g, "", 1],
];

/** The memory of a WebAssembly module stays where it is: nobody frees its bytes, so there is no function for that. */
const MODULES = [
  [
    "    if (abuf->detached)\n        return JS_ThrowTypeErrorDetachedArrayBuffer(ctx);\n    pmax_len = NULL;\n",
    "    if (abuf->detached)\n        return JS_ThrowTypeErrorDetachedArrayBuffer(ctx);\n" +
      "    if (!abuf->realloc_func)\n        return JS_ThrowTypeError(ctx, \"ArrayBuffer is not detachable\");\n    pmax_len = NULL;\n",
    1,
  ],
];

/**
 * Stacks as V8 writes them, which libraries take apart: what was thrown in the first line, then the frames, an anonymous
 * function's without a name, and no line end behind the last. Frames of our own script are left out where there is one of
 * the tenant's: they would use the limit up, and say nothing to its author.
 */
const STACKS = [
  [
    "#define JS_BACKTRACE_FLAG_SKIP_FIRST_LEVEL (1 << 0)\n",
    `/* A string that is a plain property of the object or of what it inherits from. Nothing of the tenant's runs for it. */
static const char *engine_plain_string(JSContext *ctx, JSValueConst obj, JSAtom name, size_t *len)
{
    JSObject *p = JS_VALUE_GET_OBJ(obj);
    JSShapeProperty *prs;
    JSProperty *pr;
    JSValue val;
    const char *text;
    int depth;

    for (depth = 0; p && depth < 100 && p->class_id != JS_CLASS_PROXY; depth++, p = p->shape->proto) {
        prs = find_own_property(&pr, p, name);
        if (!prs)
            continue;
        if ((prs->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT)
            val = JS_GetProperty(ctx, JS_MKPTR(JS_TAG_OBJECT, p), name);
        else if ((prs->flags & JS_PROP_TMASK) == JS_PROP_NORMAL)
            val = js_dup(pr->u.value);
        else
            return NULL;
        text = JS_IsString(val) ? JS_ToCStringLen(ctx, len, val) : NULL;
        JS_FreeValue(ctx, val);
        return text;
    }
    return NULL;
}

/* As Error.prototype.toString writes it. */
static void engine_put_title(JSContext *ctx, DynBuf *dbuf, JSValueConst error)
{
    const char *name, *message;
    size_t name_len = 5, message_len = 0;

    if (JS_VALUE_GET_TAG(error) != JS_TAG_OBJECT)
        return;
    name = engine_plain_string(ctx, error, JS_ATOM_name, &name_len);
    message = engine_plain_string(ctx, error, JS_ATOM_message, &message_len);
    dbuf_put(dbuf, (const uint8_t *)(name ? name : "Error"), name_len);
    if (name_len > 0 && message_len > 0)
        dbuf_put(dbuf, (const uint8_t *)": ", 2);
    if (message)
        dbuf_put(dbuf, (const uint8_t *)message, message_len);
    JS_FreeCString(ctx, name);
    JS_FreeCString(ctx, message);
}

static JSFunctionBytecode *engine_code_of(JSStackFrame *sf)
{
    JSObject *p = JS_VALUE_GET_OBJ(sf->cur_func);

    return js_class_has_bytecode(p->class_id) ? p->u.func.function_bytecode : NULL;
}

/* Whether a frame is our own script's, or of a built-in that it called. */
static bool engine_is_ours(JSStackFrame *sf, JSAtom api)
{
    JSFunctionBytecode *b = engine_code_of(sf);

    if (!b && sf->prev_frame)
        b = engine_code_of(sf->prev_frame);
    return b && b->filename == api;
}

static bool engine_has_tenant(JSStackFrame *sf, JSAtom api)
{
    JSFunctionBytecode *b;

    for (; sf != NULL; sf = sf->prev_frame) {
        b = engine_code_of(sf);
        if (b && b->filename != api)
            return true;
    }
    return false;
}

#define JS_BACKTRACE_FLAG_SKIP_FIRST_LEVEL (1 << 0)
`,
    1,
  ],
  [
    "        js_dbuf_init(ctx, &dbuf);\n        if (stack_trace_limit == 0)\n            goto done;\n        if (filename) {\n" +
      '            i++;\n            dbuf_printf(&dbuf, "    at %s", filename);\n',
    "        js_dbuf_init(ctx, &dbuf);\n        engine_put_title(ctx, &dbuf, error_obj);\n        if (stack_trace_limit == 0)\n" +
      '            goto done;\n        if (filename) {\n            i++;\n            dbuf_printf(&dbuf, "\\n    at %s", filename);\n',
    1,
  ],
  [
    '                dbuf_printf(&dbuf, ":%d:%d", line_num, col_num);\n            dbuf_putc(&dbuf, \'\\n\');\n',
    '                dbuf_printf(&dbuf, ":%d:%d", line_num, col_num);\n',
    1,
  ],
  [
    "    sf_start = rt->current_stack_frame;\n",
    "    sf_start = rt->current_stack_frame;\n    JSAtom api = JS_NewAtom(ctx, \"cirque:api\");\n" +
      "    bool has_tenant = filename || engine_has_tenant(sf_start, api);\n    JS_FreeAtom(ctx, api);\n",
    1,
  ],
  [
    "            backtrace_flags &= ~JS_BACKTRACE_FLAG_SKIP_FIRST_LEVEL;\n            continue;\n        }\n",
    "            backtrace_flags &= ~JS_BACKTRACE_FLAG_SKIP_FIRST_LEVEL;\n            continue;\n        }\n" +
      "        if (has_tenant && engine_is_ours(sf, api))\n            continue;\n",
    1,
  ],
  [
    `            if (!func_name_str || func_name_str[0] == '\\0')
                str1 = "<anonymous>";
            else
                str1 = func_name_str;
            dbuf_printf(&dbuf, "    at %s", str1);
            JS_FreeCString(ctx, func_name_str);
`,
    `            bool is_named = func_name_str && func_name_str[0] != '\\0' && func_name_str[0] != '<';
            str1 = is_named ? func_name_str : "";
            dbuf_printf(&dbuf, "\\n    at %s", str1);
            JS_FreeCString(ctx, func_name_str);
`,
    1,
  ],
  [
    '                dbuf_printf(&dbuf, " (%s", atom_str ? atom_str : "<null>");\n',
    '                dbuf_printf(&dbuf, is_named ? " (%s" : "%s", atom_str ? atom_str : "<null>");\n',
    1,
  ],
  [
    "                    dbuf_printf(&dbuf, \":%d:%d\", line_num1, col_num1);\n                dbuf_putc(&dbuf, ')');\n",
    "                    dbuf_printf(&dbuf, \":%d:%d\", line_num1, col_num1);\n                if (is_named)\n" +
      "                    dbuf_putc(&dbuf, ')');\n",
    1,
  ],
  [
    `                dbuf_printf(&dbuf, " (missing)");
            } else {
                dbuf_printf(&dbuf, " (native)");
            }
            dbuf_putc(&dbuf, '\\n');
`,
    `                dbuf_printf(&dbuf, is_named ? " (<missing>)" : "<missing>");
            } else {
                dbuf_printf(&dbuf, is_named ? " (<anonymous>)" : "<anonymous>");
            }
`,
    1,
  ],
  // Libraries take a stack away, or put something else in its place.
  [
    '    if (!JS_IsString(value))\n        return JS_ThrowTypeError(ctx, "Error.prototype.stack setter expects a string");\n',
    "",
    1,
  ],
  // And as V8's own property a stack is not enumerable.
  [
    "        if (JS_DefinePropertyValue(ctx, this_val, JS_ATOM_stack, js_dup(value),\n" +
      "                                   JS_PROP_C_W_E | JS_PROP_THROW) < 0)\n",
    "        if (JS_DefinePropertyValue(ctx, this_val, JS_ATOM_stack, js_dup(value),\n" +
      "                                   JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE | JS_PROP_THROW) < 0)\n",
    1,
  ],
];

/** [what stands there, what takes its place, how often], in this order: the image's changes count what those before it write. */
const CHANGES = [...ASYNC_CONTEXT, ...SHAPES, ...JSON_TEXTS, ...IMAGE, ...ALLOCATOR, ...MODULES, ...STACKS];

let source = fs.readFileSync(file, "utf8");
if (!source.includes("engine_async_context")) {
  for (const [target, replacement, expected] of CHANGES) {
    const count = target instanceof RegExp ? [...source.matchAll(target)].length : source.split(target).length - 1;
    if (count !== expected) throw new Error(`quickjs.c: the target of a change is there ${count} times, not ${expected}: ${target}`);
    source = source.replaceAll(target, target instanceof RegExp ? replacement : () => replacement);
  }
  fs.writeFileSync(file, source);
}
