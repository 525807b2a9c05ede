/* Included in front of QuickJS. QuickJS limits recursion by the stack in linear memory, but each C frame also takes room on
 * the host's own stack, and some functions (the JSON parser, the expression parser) take sixteen bytes here and three
 * hundred there: they would overflow the host's stack, which traps, long before QuickJS saw anything. With this every
 * function that asks where the stack stands pays at least 128 bytes, so that the two grow alike. */
static inline void *cirque_stack_pointer(void)
{
    volatile char room[128];
    room[0] = 0;
    return (void *)room;
}
#define __builtin_frame_address(level) cirque_stack_pointer()

/* QuickJS packs small blocks in pages by size, in the order of their making. We have a better order (src/memory.rs), and
 * this is the switch by which QuickJS asks for every block by itself; it has no other meaning in its sources. */
#define __SANITIZE_ADDRESS__ 1
