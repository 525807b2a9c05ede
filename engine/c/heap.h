/* QuickJS's allocator, in place of its own arenas: blocks of the heap that src/memory.rs describes, taken and given back
 * here while a request is handled, because that happens thousands of times in one. While an image is made, everything goes
 * through Rust, which knows where things shall lie.
 *
 * A block begins with QuickJS's own header of eight bytes. Its `block_idx` says how many units of eight bytes the block
 * has; a large one has NIL there, and eight more bytes in front of the header that hold its size. */

#define ENGINE_UNIT 8
#define ENGINE_CLASSES 128
#define ENGINE_LARGEST_BLOCK 0x7fff0000u

/* Also in src/memory.rs. */
typedef struct EngineSmallBlocks {
    void *free[ENGINE_CLASSES + 1];
    uintptr_t next, end;
} EngineSmallBlocks;

extern EngineSmallBlocks engine_small_blocks;
void *engine_alloc(size_t bytes);
void engine_dealloc(void *block, size_t bytes);
void *engine_realloc(void *block, size_t bytes, size_t wanted);

static inline JSMallocBlockHeader *engine_header(const void *ptr)
{
    return (JSMallocBlockHeader *)((uint8_t *)(uintptr_t)ptr - offsetof(JSMallocBlockHeader, user_data));
}

static inline uint64_t *engine_large_block(const void *ptr)
{
    return (uint64_t *)(void *)engine_header(ptr) - 1;
}

static inline void *js_arena_malloc(JSRuntime *rt, size_t size)
{
    size_t units = (size + sizeof(JSMallocBlockHeader) + ENGINE_UNIT - 1) / ENGINE_UNIT;
    if (unlikely(size == 0))
        return arena_zero_block(rt)->user_data;
    if (likely(units <= ENGINE_CLASSES)) {
        JSMallocBlockHeader *block;
        if (likely(engine_image_end != 0)) {
            EngineSmallBlocks *small = &engine_small_blocks;
            block = small->free[units];
            if (block) {
                small->free[units] = *(void **)block;
            } else if (likely(small->end - small->next >= units * ENGINE_UNIT)) {
                block = (void *)small->next;
                small->next += units * ENGINE_UNIT;
            } else {
                block = engine_alloc(units * ENGINE_UNIT);
            }
        } else {
            block = engine_alloc(units * ENGINE_UNIT);
        }
        if (unlikely(!block))
            return NULL;
        block->u.block_idx = units;
        return block->user_data;
    }
    if (unlikely(size > ENGINE_LARGEST_BLOCK))
        return NULL;
    size_t total = (units + 1) * ENGINE_UNIT;
    uint64_t *block = engine_alloc(total);
    if (unlikely(!block))
        return NULL;
    *block = total;
    JSMallocBlockHeader *header = (void *)(block + 1);
    header->u.block_idx = JS_ARENA_FREE_NIL;
    return header->user_data;
}

static inline void js_arena_free(JSRuntime *rt, void *ptr)
{
    if (!ptr || engine_is_kept(ptr))
        return;
    JSMallocBlockHeader *header = engine_header(ptr);
    size_t units = header->u.block_idx;
    if (likely(units != JS_ARENA_FREE_NIL)) {
        if (likely(engine_image_end != 0)) {
            *(void **)header = engine_small_blocks.free[units];
            engine_small_blocks.free[units] = header;
        } else {
            engine_dealloc(header, units * ENGINE_UNIT);
        }
    } else if (header != arena_zero_block(rt)) {
        engine_dealloc(engine_large_block(ptr), *engine_large_block(ptr));
    }
}

static inline size_t js_arena_usable_size(JSRuntime *rt, const void *ptr)
{
    if (!ptr)
        return 0;
    size_t units = engine_header(ptr)->u.block_idx;
    if (likely(units != JS_ARENA_FREE_NIL))
        return units * ENGINE_UNIT - sizeof(JSMallocBlockHeader);
    if (engine_header(ptr) == arena_zero_block(rt))
        return 0;
    return *engine_large_block(ptr) - sizeof(uint64_t) - sizeof(JSMallocBlockHeader);
}

static void *js_arena_realloc(JSRuntime *rt, void *ptr, size_t size)
{
    JSMallocBlockHeader *header = engine_header(ptr);
    size_t units = (size + sizeof(JSMallocBlockHeader) + ENGINE_UNIT - 1) / ENGINE_UNIT;
    size_t usable = js_arena_usable_size(rt, ptr);
    if (header->u.block_idx != JS_ARENA_FREE_NIL) {
        /* An image shall hold nothing that nobody needs; a request has no time for that. */
        if (units == header->u.block_idx || (size <= usable && engine_image_end != 0))
            return ptr;
    } else if (units > ENGINE_CLASSES && usable > 0 && size <= ENGINE_LARGEST_BLOCK) {
        size_t total = (units + 1) * ENGINE_UNIT;
        uint64_t *block = engine_realloc(engine_large_block(ptr), *engine_large_block(ptr), total);
        if (!block)
            return NULL;
        *block = total;
        return ((JSMallocBlockHeader *)(void *)(block + 1))->user_data;
    }
    void *moved = js_arena_malloc(rt, size);
    if (!moved)
        return NULL;
    engine_header(moved)->gc_obj_type = header->gc_obj_type;
    engine_header(moved)->mark = header->mark;
    engine_header(moved)->ref_count = header->ref_count;
    memcpy(moved, ptr, size < usable ? size : usable);
    js_arena_free(rt, ptr);
    return moved;
}

static void *js_arena_calloc(JSRuntime *rt, size_t count, size_t size)
{
    void *ptr = js_arena_malloc(rt, count * size);
    return ptr ? memset(ptr, 0, count * size) : NULL;
}

static void js_arena_free_all(JSRuntime *rt)
{
    (void)rt;
}
