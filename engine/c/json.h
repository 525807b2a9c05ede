/* JSON.stringify() of what nearly everybody gives it: plain objects and arrays of texts and numbers, without a replacer, an
 * indentation or a toJSON. Nothing here runs JavaScript. Whatever is not so plain (a getter, a class, a number as a key, a nesting
 * that may be a circle) sends the whole value to QuickJS's own function, which begins anew. */

#define ENGINE_JSON_DEPTH 64

static bool engine_json_text(StringBuffer *b, JSString *p)
{
    const uint8_t *plain = str8(p);
    if (p->is_wide_char)
        return false;
    for (int i = 0; i < p->len; i++) {
        if (plain[i] < 32 || plain[i] == '"' || plain[i] == '\\')
            return false;
    }
    string_buffer_putc8(b, '"');
    string_buffer_write8(b, plain, p->len);
    string_buffer_putc8(b, '"');
    return true;
}

/* Whether a property or an element of this value is left out. */
static inline bool engine_json_is_nothing(JSContext *ctx, JSValueConst val)
{
    int tag = JS_VALUE_GET_NORM_TAG(val);
    return tag == JS_TAG_UNDEFINED || tag == JS_TAG_SYMBOL || (tag == JS_TAG_OBJECT && JS_IsFunction(ctx, val));
}

static bool engine_json_has_no_method(JSContext *ctx, JSClassID class_id, JSObject *proto)
{
    JSProperty *pr;
    JSObject *base = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_OBJECT]);
    if (proto == NULL)
        return class_id == JS_CLASS_OBJECT;
    if (proto != JS_VALUE_GET_OBJ(ctx->class_proto[class_id]) || base->shape->proto != NULL)
        return false;
    if (proto != base && (proto->shape->proto != base || find_own_property(&pr, proto, JS_ATOM_toJSON)))
        return false;
    return !find_own_property(&pr, base, JS_ATOM_toJSON);
}

/* False when the value is not so plain; then the buffer holds some of it. */
static bool engine_json_write(JSContext *ctx, StringBuffer *b, JSValueConst val, int depth)
{
    switch (JS_VALUE_GET_NORM_TAG(val)) {
    case JS_TAG_STRING:
        return engine_json_text(b, JS_VALUE_GET_STRING(val));
    case JS_TAG_STRING_ROPE: {
        JSValue whole = JS_ToString(ctx, val);
        bool is_written = !JS_IsException(whole) && engine_json_text(b, JS_VALUE_GET_STRING(whole));
        JS_FreeValue(ctx, whole);
        return is_written;
    }
    case JS_TAG_FLOAT64:
        if (!isfinite(JS_VALUE_GET_FLOAT64(val)))
            val = JS_NULL;
        /* fall through */
    case JS_TAG_INT:
    case JS_TAG_BOOL:
    case JS_TAG_NULL:
        return string_buffer_concat_value(b, val) == 0;
    case JS_TAG_OBJECT:
        break;
    default:
        return false;
    }
    JSObject *p = JS_VALUE_GET_OBJ(val);
    JSShape *sh = p->shape;
    if (depth >= ENGINE_JSON_DEPTH || !engine_json_has_no_method(ctx, p->class_id, sh->proto))
        return false;
    JSShapeProperty *prs = get_shape_prop(sh);
    if (p->class_id == JS_CLASS_ARRAY) {
        uint32_t count = p->u.array.count;
        /* Its only property is the length. */
        if (!p->fast_array || sh->prop_count != 1 || JS_VALUE_GET_TAG(p->prop[0].u.value) != JS_TAG_INT ||
            (uint32_t)JS_VALUE_GET_INT(p->prop[0].u.value) != count)
            return false;
        string_buffer_putc8(b, '[');
        for (uint32_t i = 0; i < count; i++) {
            JSValueConst element = p->u.array.u.values[i];
            if (i > 0)
                string_buffer_putc8(b, ',');
            if (engine_json_is_nothing(ctx, element))
                element = JS_NULL;
            if (!engine_json_write(ctx, b, element, depth + 1))
                return false;
        }
        return string_buffer_putc8(b, ']') == 0;
    }
    if (p->class_id != JS_CLASS_OBJECT || p->is_exotic)
        return false;
    bool has_content = false;
    string_buffer_putc8(b, '{');
    for (uint32_t i = 0; i < sh->prop_count; i++, prs++) {
        uint32_t index;
        JSAtom atom = prs->atom;
        if (atom == JS_ATOM_NULL)
            continue;
        if (__JS_AtomIsTaggedInt(atom) || atom == JS_ATOM_toJSON || (prs->flags & JS_PROP_TMASK) != JS_PROP_NORMAL ||
            JS_AtomIsArrayIndex(ctx, &index, atom))
            return false;
        JSAtomStruct *name = ctx->rt->atom_array[atom];
        JSValueConst value = p->prop[i].u.value;
        if (name->atom_type != JS_ATOM_TYPE_STRING || !(prs->flags & JS_PROP_ENUMERABLE) || engine_json_is_nothing(ctx, value))
            continue;
        if (has_content)
            string_buffer_putc8(b, ',');
        has_content = true;
        if (!engine_json_text(b, name))
            return false;
        string_buffer_putc8(b, ':');
        if (!engine_json_write(ctx, b, value, depth + 1))
            return false;
    }
    return string_buffer_putc8(b, '}') == 0;
}

/* Whether the value is written now. */
static bool engine_json(JSContext *ctx, JSONStringifyContext *jsc, JSValueConst val)
{
    StringBuffer *b = jsc->b;
    if (!JS_IsUndefined(jsc->replacer_func) || !JS_IsUndefined(jsc->property_list) || !JS_IsEmptyString(jsc->gap))
        return false;
    if (engine_json_write(ctx, b, val, 0) && !b->error_status)
        return true;
    if (!b->error_status)
        b->len = 0;
    return false;
}
