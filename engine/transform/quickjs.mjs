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

/** [what stands there, what takes its place, how often]. */
const CHANGES = [...ASYNC_CONTEXT, ...STACKS];

let source = fs.readFileSync(file, "utf8");
if (!source.includes("engine_async_context")) {
  for (const [target, replacement, expected] of CHANGES) {
    const count = source.split(target).length - 1;
    if (count !== expected) throw new Error(`quickjs.c: the target of a change is there ${count} times, not ${expected}: ${target}`);
    source = source.replaceAll(target, () => replacement);
  }
  fs.writeFileSync(file, source);
}
